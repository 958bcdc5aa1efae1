import type { PreviewState } from '../domain/preview.ts';
import type { Found } from './find.ts';

/**
 * What `X-Kosuke-State` says: a preview's state, or that there is none (`unknown`), that the commit whose own host was asked for has
 * been replaced (`replaced`), or that the state cannot be read (`error`).
 */
export type GateState = PreviewState | 'unknown' | 'replaced' | 'error';

/** All that `X-Kosuke-State` can say. */
export const gateStates = (): GateState[] => Object.keys(statuses) as GateState[];

/** What those say that are no state of a preview. */
export const gateStateMeanings: Record<Exclude<GateState, PreviewState>, string> = {
  unknown: 'No preview ever had this host',
  replaced: "A commit's own host, and another version has taken its place",
  error: 'The state cannot be read; ours',
};

/** The state of what stands behind a host. A commit's own host shares the preview's fate while its version is the newest or the live one. */
export function stateOf(found: Found | null): Exclude<GateState, 'error'> {
  if (found === null) return 'unknown';
  const { preview, asked, latest, live } = found;
  const concerned = asked === null || asked.id === live?.id || (asked.id === latest?.id && preview.state !== 'running');
  if (concerned || gone.has(preview.state)) return preview.state;
  if (asked.failure !== null) return 'failed';
  return asked.endedAt === null ? coming(asked) : 'replaced';
}

/** Status and `Retry-After` (seconds) of a page of the gate. */
export function statusOf(state: GateState): { status: number; retryAfter: number | null } {
  return { status: statuses[state], retryAfter: retryAfter[state] ?? null };
}

const gone: ReadonlySet<PreviewState> = new Set<PreviewState>(['removed', 'expired', 'refused', 'asleep']);

function coming({ state }: { state: string }): PreviewState {
  return state === 'queued' || state === 'building' ? state : 'starting';
}

const statuses: Record<GateState, number> = {
  queued: 503,
  building: 503,
  starting: 503,
  waking: 503,
  running: 503,
  asleep: 503,
  error: 503,
  failed: 502,
  crashed: 502,
  removed: 410,
  expired: 410,
  replaced: 410,
  unknown: 404,
  refused: 404,
  waiting_approval: 404,
};

const retryAfter: Partial<Record<GateState, number>> = { queued: 5, building: 3, starting: 1, waking: 1, running: 1, error: 5 };
