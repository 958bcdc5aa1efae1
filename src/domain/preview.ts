import type { SetAside } from './set-aside.ts';

/** A preview belongs to a branch of the repository itself, or to a pull request whose head lies in a fork. */
export type PreviewRef = { kind: 'branch'; name: string } | { kind: 'pull'; number: number };

/** The branch as apps and builds are told it; `pr-<number>` for the pull request of a fork. */
export function branchNameOf(ref: PreviewRef): string {
  return ref.kind === 'branch' ? ref.name : `pr-${ref.number}`;
}

/** What a person sees of a preview; old and new version are separate facts (see `Deployment`). */
export const previewStates = [
  'queued',
  'building',
  'starting',
  'running',
  'asleep',
  'waking',
  'failed',
  'crashed',
  'waiting_approval',
  'refused',
  'expired',
  'removed',
] as const;
export type PreviewState = (typeof previewStates)[number];

export const previewStateMeanings: Record<PreviewState, string> = {
  queued: 'Nothing serves; its newest commit waits for a builder, or for room',
  building: 'Nothing serves; its newest commit is being built',
  starting: 'Nothing serves; its newest commit is being started',
  running: 'A version serves, whatever a newer one is doing',
  asleep: 'It was put to sleep by a person or to make room, there is no room to wake it, or the App is suspended; its image and container are kept',
  waking: 'The version that served is being started again, after sleep, a crash or a restart',
  failed: 'Nothing serves, and the newest commit did not come up',
  crashed: 'The version that served crashed four times; it waits for a push, `redeploy` or `wake`',
  waiting_approval: 'Not used in this version',
  refused: 'No preview is made: a fork, or an account that is not allowed',
  expired: 'Nothing was pushed, redeployed or woken for so long that it was taken away',
  removed: 'There is none, or none any more',
};

/** A repository on which the App is installed, in GitHub's words and ids. */
export type RepositoryFacts = {
  repositoryId: number;
  installationId: number;
  owner: string;
  name: string;
  private: boolean;
  defaultBranch: string;
};

/** The same with the small number that we gave it. */
export type Project = RepositoryFacts & { id: number };

/** An open pull request as GitHub described it at the last look. */
export type PullRequest = {
  number: number;
  title: string;
  headBranch: string;
  headSha: string;
  /** The head lies in another repository, or in one that no longer exists. */
  fork: boolean;
  updatedAt: Date;
};

/** Why a preview is wanted, or why it is not. `domain/wanted.ts` holds the table. */
export type WantedReason =
  | 'pull-request'
  | 'branch'
  | 'account-not-allowed'
  | 'repository-gone'
  | 'ignored-branch'
  | 'branch-deleted'
  | 'removed-by-person'
  | 'fork'
  | 'pull-request-closed'
  | 'expired'
  | 'left-out'
  | 'first-sight';

/** What should be: `sha` is set unless `run` is `nothing`; `asleepBecause` when it is `asleep`. */
export type Wanted = {
  run: 'running' | 'asleep' | 'nothing';
  sha: string | null;
  reason: WantedReason;
  asleepBecause: Sleep | 'suspended' | null;
};

/** Who put it to sleep: a person, or this program, to make room for others. */
export type Sleep = 'person' | 'room';

/** Whether it has a place among those that may run at once, waits for one, or asks for none. */
export type Room = 'has' | 'waits' | 'none';

/** What people decided about a preview, or this program on their behalf, each bound to the commit at which they did; a new head lifts it. */
export type PersonsWill = {
  removedSha: string | null;
  asleepSha: string | null;
  asleepBy: Sleep;
  /** Not used for longer than EXPIRE_AFTER. */
  expiredSha: string | null;
  /** Left out at first sight of the repository. */
  leftOutSha: string | null;
};

export type Preview = {
  id: number;
  project: Project;
  ref: PreviewRef;
  /** First label of the stable host, e.g. `project-1-feature-a`. Never changes. */
  hostLabel: string;
  wanted: Wanted;
  /** Grows with every change of what is wanted. */
  generation: number;
  state: PreviewState;
  will: PersonsWill;
  room: Room;
  /** Grows with every `redeploy`; a deployment of a lower number does not satisfy it. */
  redeployNo: number;
  /** Open pull requests of this ref at the last look, lowest number first. */
  pulls: PullRequest[];
  /** The version that was last seen ready on the public host. */
  liveDeploymentId: number | null;
  /** Crashes of the live version; forgotten after an hour of health. */
  crashCount: number;
  lastCrashAt: Date | null;
  /** Its passes fail each time. */
  setAside: SetAside | null;
};
