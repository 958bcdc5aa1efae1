import type { Deployment } from './deployment.ts';
import { failureSentence } from './errors.ts';

/** What fails each time is tried this often with growing waits; then it is set aside with its reason and tried once an hour, until somebody takes it up again. */
export const mostAttempts = 8;
export const setAsideWaitMs = 3_600_000;

/** A preview whose passes fail each time: why the last one did, and since when. */
export type SetAside = { reason: string; at: Date };

/** A version that ended in an error of ours each time. */
export function isSetAside({ state, attempts }: Pick<Deployment, 'state' | 'attempts'>): boolean {
  return state === 'error' && attempts >= mostAttempts;
}

/** Why a preview is set aside, be it for its passes or for its newest version; `null`: it is not. */
export function asideBecause(setAside: SetAside | null, latest: Pick<Deployment, 'state' | 'attempts' | 'failure'> | null): string | null {
  if (setAside !== null) return setAside.reason;
  if (latest === null || !isSetAside(latest)) return null;
  return latest.failure === null ? 'it failed each time' : failureSentence({ ...latest.failure, next: '' });
}
