import type { DeploymentState } from '../domain/deployment.ts';
import type { PreviewName } from '../domain/preview-name.ts';
import type { PreviewState } from '../domain/preview.ts';

/**
 * What the command line can ask of a running program, or of one opened for a single command. Values are plain JSON: times are
 * ISO 8601 in UTC. What a person can put right (an unknown preview, say) is an answer with `ok: false`; a throw is a fault.
 */
export interface Operations {
  /** Every preview that is not removed; all of them with `all`. In order of their host labels. */
  list(request: { all: boolean }): Promise<Answer<PreviewRow[]>>;
  /** Webhooks that failed each time and were set aside, the newest first. */
  setAside(): Promise<Answer<{ guid: string; event: string; receivedAt: string; error: string }[]>>;
  /** Log lines from number `from` (0 is the first) of one deployment: `deployment`, else the newest one of the preview. */
  logs(request: { preview: PreviewName; deployment: number | null; from: number }): Promise<Answer<LogPart>>;
  /** Builds and deploys the wanted commit again, without cache. */
  redeploy(request: { preview: PreviewName }): Promise<Answer<PreviewRow>>;
  sleep(request: { preview: PreviewName }): Promise<Answer<PreviewRow>>;
  wake(request: { preview: PreviewName }): Promise<Answer<PreviewRow>>;
  remove(request: { preview: PreviewName }): Promise<Answer<PreviewRow>>;
  /** Compares everything with GitHub and the engine now. */
  sweep(): Promise<Answer<SweepResult>>;
  /** What that would do, and changes nothing. */
  planSweep(): Promise<Answer<SweepPlanResult>>;
}

export type OperationName = keyof Operations;

/** `problem` is one or two sentences for a person: what cannot be done, and what to do instead. */
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: string };

export type PreviewRow = {
  hostLabel: string;
  /** Where people reach it; `null` where it has no address: without Traefik, while no version serves. */
  url: string | null;
  /** `owner/name`. */
  repository: string;
  /** The branch, or `pr-<number>` of a fork. */
  ref: string;
  pulls: number[];
  state: PreviewState;
  /** Why what was to be done for it failed each time, so that it is tried once an hour only; `null`: it is not set aside. */
  setAside: string | null;
  /** The version that is served, `null` when none is. */
  live: { deployment: number; sha: string } | null;
  /** The newest version, which may be the live one. */
  latest: { deployment: number; sha: string; state: DeploymentState; at: string } | null;
};

export type LogPart = {
  deployment: { id: number; sha: string; state: DeploymentState };
  lines: { at: string; step: string | null; stream: 'step' | 'stdout' | 'stderr' | 'note'; text: string }[];
  /** Number of the line after the last one given: ask on from here. */
  next: number;
  /** No line will follow. */
  ended: boolean;
};

/** What would be done about each preview, or thing without one, in words; `repository` and `ref` may be empty. */
export type SweepPlanResult = { looked: number; steps: { subject: string; repository: string; ref: string; plan: string[] }[]; problems: string[] };

/**
 * How many previews were looked at, how many of them by asking GitHub about each, what the sweep itself asked of GitHub (`free`: answered with 304,
 * which GitHub does not count), and what went wrong, a sentence each.
 */
export type SweepResult = { looked: number; kicked: number; requests: number; free: number; problems: string[] };
