import type { Clock } from '../reconcile/ports/clock.ts';
import type { Delivery } from '../reconcile/ports/store.ts';

export type Received = { kind: 'handled' } | { kind: 'failed'; error: unknown } | { kind: 'stopped' };

/**
 * Runs the handlers of one delivery for `limitMs` at most; once `signal` is aborted, for `graceMs` at most (`stopped`).
 * Handlers that run over go on by themselves; all that they do may be done twice. Never rejects.
 */
export async function received(
  options: { receive: (delivery: Delivery) => Promise<void>; clock: Clock; signal: AbortSignal; limitMs: number; graceMs?: number },
  delivery: Delivery,
): Promise<Received> {
  const { receive, clock, signal, limitMs, graceMs = 3_000 } = options;
  const settled = new AbortController();
  const handled = receive(delivery).then(
    (): Received => ({ kind: 'handled' }),
    (error: unknown): Received => ({ kind: 'failed', error }),
  );
  const late = pause(clock, limitMs, settled.signal).then(
    (): Received => ({ kind: 'failed', error: new Error(`its handlers took longer than ${limitMs} ms`) }),
  );
  const stopped = aborted(AbortSignal.any([signal, settled.signal]))
    .then(() => pause(clock, graceMs, settled.signal))
    .then((): Received => ({ kind: 'stopped' }));
  try {
    return await Promise.race([handled, late, stopped]);
  } finally {
    settled.abort();
  }
}

/** Resolves after `ms`, or at once when the signal ends it. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
