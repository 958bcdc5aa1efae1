import type { Phase } from '../../domain/phases.ts';
import type { Engine } from './engine.ts';
import type { ImageBuilder } from './image-builder.ts';

/**
 * What happened, counted for the operator's monitoring. Nothing here throws or waits. What is said is one of a few words, a number or
 * a duration in ms, never a name or a text from outside.
 */
export type Metrics = {
  passEnded(result: PassResult, ms: number): void;
  deploymentEnded(outcome: DeploymentOutcome): void;
  /** Once for each deployment: it is live for the first time. `wholeMs`: since it was made. */
  wentLive(durations: Partial<Record<Phase, number>>, wholeMs: number): void;
  sweepEnded(result: SweepResult, ms: number): void;
  sweepKicked(): void;
  /** What one sweep asked of GitHub; the passes that it kicked are not among it. */
  sweepAsked(requests: number, free: number): void;
  driftFound(drift: Drift): void;
  engineFailed(verb: EngineVerb): void;
  githubAsked(result: GithubResult): void;
  /** What GitHub still allows an installation (by its id), or the App itself, until `resetAt`. */
  githubAllows(asker: number | 'app', remaining: number, resetAt: Date): void;
};

/** `failed`: it is tried again. `lost`: another worker had the preview meanwhile. `stopped`: the program stops. */
export const passResults = ['done', 'failed', 'lost', 'stopped'] as const;
export type PassResult = (typeof passResults)[number];

/** `failed`: the repository's doing. `error`: ours, one for each attempt. `cancelled`: it ended before it ever was live. */
export const deploymentOutcomes = ['live', 'failed', 'error', 'cancelled'] as const;
export type DeploymentOutcome = (typeof deploymentOutcomes)[number];

/** `problems`: some of it could not be looked at. `broken_off`: it came to no end. */
export const sweepResults = ['clean', 'problems', 'broken_off'] as const;
export type SweepResult = (typeof sweepResults)[number];

/** `preview`: what GitHub shows had no row. `head`: GitHub shows another commit than is wanted. The others are things without a row. */
export const drifts = ['preview', 'head', 'container', 'network', 'hold', 'image'] as const;
export type Drift = (typeof drifts)[number];

/**
 * By status, or by what went wrong. `unchanged`: a 304, which GitHub does not count. `limited`: GitHub wants quiet. `aborted`: the caller gave up. `held_back`: not asked, to keep to GitHub's
 * limits.
 */
export const githubResults = ['2xx', 'unchanged', '3xx', '4xx', '5xx', 'limited', 'timeout', 'connection', 'unreadable', 'aborted', 'held_back'] as const;
export type GithubResult = (typeof githubResults)[number];

/** What is asked of the engine; the stream of events is not among them, for it opens itself again. */
export const engineVerbs = [
  'ping', 'things', 'publishedPorts', 'highestDeployment', 'ensureNetwork', 'removeNetwork', 'createContainer', 'startContainer', 'stopContainer',
  'removeContainer', 'logTail', 'listeningPorts', 'image', 'removeImage', 'imageNames', 'diskUsage', 'pruneCache', 'build', 'keepBases', 'collectBases',
] as const satisfies readonly (keyof Engine | keyof ImageBuilder)[];
export type EngineVerb = (typeof engineVerbs)[number];
