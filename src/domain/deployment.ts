import type { Failure } from './errors.ts';
import type { LogPlace } from './kept-log.ts';
import type { Note } from './notes.ts';

/**
 * A deployment is one commit on its way to being served.
 *
 *     queued → building → built → starting → live → superseded
 *
 * and from any of the first five: `failed` (the repository's doing), `error` (ours, tried again at `retryAt` while wanted),
 * `cancelled` (a newer commit or a close came first), `removed` (the preview went).
 * `built` means: the image is there and nothing is started. A live one that is put to sleep or crashed goes back to it.
 */
export const deploymentStates = [
  'queued',
  'building',
  'built',
  'starting',
  'live',
  'superseded',
  'failed',
  'error',
  'cancelled',
  'removed',
] as const;
export type DeploymentState = (typeof deploymentStates)[number];

export const deploymentStateMeanings: Record<DeploymentState, string> = {
  queued: 'Waits for a builder',
  building: 'Its commit is fetched and its image is made, or found',
  built: 'Its image is there and nothing is started: it is about to start, sleeps, or waits for its next start after a crash',
  starting: 'Its container is started and probed, behind a hold',
  live: 'It was seen ready at the public host',
  superseded: 'A newer version took its place',
  failed: "It was not built or did not come up, by the repository's doing",
  error: 'It was not built or did not come up, by ours; tried again after growing waits',
  cancelled: 'A newer commit, a close or a person came first',
  removed: 'It had started, and its preview went',
};

/** States from which a deployment never comes back by itself. */
export const endedStates: readonly DeploymentState[] = ['superseded', 'failed', 'cancelled', 'removed'];

export type Deployment = {
  id: number;
  previewId: number;
  sha: string;
  redeployNo: number;
  /** The lowest open pull request when the deployment was made. */
  pullNumber: number | null;
  state: DeploymentState;
  /** Build without cache and with fresh bases (set by `redeploy`). */
  noCache: boolean;
  /** Set once built. */
  image: string | null;
  /** The port the app is expected to listen on; set once built. */
  port: number | null;
  /** The TCP ports that its image exposes, lowest first; set once built. */
  exposedPorts: readonly number[];
  /** `port` was found by looking at the running app, which did not listen on the one that was expected: it is not looked for again. */
  portFound: boolean;
  /** Whether the engine's own init is process 1 in its container; some images must be that themselves. */
  withInit: boolean;
  /** What a person should know about it although it may run well. */
  notes: readonly Note[];
  failure: Failure | null;
  /** How often bringing it up ended in an error of ours; the waits grow with it. */
  attempts: number;
  /** Not before this time (after an error of ours, or between restarts of a crashed app). */
  retryAt: Date | null;
  exitCode: number | null;
  /** Unguessable part of the address of its log page. */
  logToken: string;
  createdAt: Date;
  buildStartedAt: Date | null;
  fetchedAt: Date | null;
  builtAt: Date | null;
  startedAt: Date | null;
  readyAt: Date | null;
  switchedAt: Date | null;
  endedAt: Date | null;
  /** GitHub's id of the deployment, the status (and, of a success, the address) that GitHub shall show, and the status it was last told. */
  githubDeploymentId: number | null;
  wishedStatus: GithubStatus | null;
  wishedUrl: string | null;
  reportedStatus: GithubStatus | null;
};

export const githubStatuses = ['queued', 'in_progress', 'success', 'failure', 'error', 'inactive'] as const;
export type GithubStatus = (typeof githubStatuses)[number];

/** One line of a build or start log. `step` is the Dockerfile instruction it belongs to, when there is one. */
export type LogLine = { at: Date; step: string | null; stream: 'step' | 'stdout' | 'stderr' | 'note'; text: string };

/** A line as it stands in its log; where the numbers jump, lines were left out. */
export type StoredLine = LogLine & LogPlace;
