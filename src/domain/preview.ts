/** A preview belongs to a branch of the repository itself, or to a pull request whose head lies in a fork. */
export type PreviewRef = { kind: 'branch'; name: string } | { kind: 'pull'; number: number };

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
  | 'left-out'
  | 'first-sight';

/** What should be: `sha` is set unless `run` is `nothing`; `asleepBecause` when it is `asleep`. */
export type Wanted = {
  run: 'running' | 'asleep' | 'nothing';
  sha: string | null;
  reason: WantedReason;
  asleepBecause: 'person' | 'suspended' | null;
};

/** What people decided about a preview, each bound to the commit at which they did; a new head lifts it. */
export type PersonsWill = {
  removedSha: string | null;
  asleepSha: string | null;
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
  /** Grows with every `redeploy`; a deployment of a lower number does not satisfy it. */
  redeployNo: number;
  /** Open pull requests of this ref at the last look, lowest number first. */
  pulls: PullRequest[];
  /** The version that was last seen ready on the public host. */
  liveDeploymentId: number | null;
  /** Crashes of the live version; forgotten after an hour of health. */
  crashCount: number;
  lastCrashAt: Date | null;
};
