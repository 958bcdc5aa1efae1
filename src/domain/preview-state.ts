import type { Deployment } from './deployment.ts';
import type { Observed } from './plan/observed.ts';
import { isServing, liveOf, targetOf } from './plan/select.ts';
import { restartWaitsMs } from './plan/version.ts';
import type { PreviewState, WantedReason } from './preview.ts';

/**
 * The one word for a preview. A version that serves comes first: what happens to a newer one is a fact of its own.
 *
 * | wanted  | live version         | newest version     | state                               |
 * |---------|----------------------|--------------------|-------------------------------------|
 * | nothing |                      |                    | refused, expired (said why), else removed |
 * | asleep  |                      |                    | asleep                              |
 * | running, no room | none        |                    | queued                              |
 * | running, no room | any         |                    | asleep                              |
 * | running | serves               | any                | running                             |
 * | running | none, or down        | queued … starting  | queued, building, starting          |
 * | running | none                 | failed, error      | failed                              |
 * | running | crashed four times   | the same, or failed | crashed                            |
 * | running | comes up again       | the same, or failed | waking                             |
 */
export function previewState(observed: Observed): PreviewState {
  if (observed.wanted.run === 'nothing') return none(observed.wanted.reason);
  if (observed.wanted.run === 'asleep') return 'asleep';
  const live = liveOf(observed);
  if (!observed.room) return live === undefined ? 'queued' : 'asleep';
  if (live !== undefined && isServing(live, observed)) return 'running';
  const target = targetOf(observed);
  if (target === undefined) return 'queued';
  if (live === undefined) return coming(target);
  if (target !== live && target.state !== 'failed') return coming(target);
  return live.state === 'built' && observed.crashCount > restartWaitsMs.length ? 'crashed' : 'waking';
}

function none(reason: WantedReason): PreviewState {
  if (reason === 'expired') return 'expired';
  return refusals.has(reason) ? 'refused' : 'removed';
}

const refusals: ReadonlySet<WantedReason> = new Set<WantedReason>(['fork', 'account-not-allowed']);

function coming(target: Deployment): PreviewState {
  switch (target.state) {
    case 'queued':
    case 'building':
      return target.state;
    case 'failed':
    case 'error':
      return 'failed';
    default:
      return 'starting';
  }
}
