import type { ReadingPlace } from './objects.ts';

type Counting<T> = { result: Promise<T>; waiting: number; ending: AbortController; over: boolean };

/**
 * Counts a commit once for all who ask, of the last 100 that were good. Whoever asks may give up by its signal, with the signal's reason; the last one to give
 * up ends the counting, and has it ended when that is told.
 */
export function createSizes<T>(count: (there: ReadingPlace, signal: AbortSignal) => Promise<T>): (there: ReadingPlace, signal: AbortSignal) => Promise<T> {
  const known = new Map<string, Counting<T>>();

  function begin(key: string, there: ReadingPlace): Counting<T> {
    const ending = new AbortController();
    const result = count(there, ending.signal);
    const counting: Counting<T> = { result, waiting: 0, ending, over: false };
    known.set(key, counting);
    const settle = (): void => {
      counting.over = true;
    };
    result.then(settle, () => known.get(key) === counting && known.delete(key));
    for (const [oldest, { over }] of known) {
      if (known.size <= 100) break;
      if (over) known.delete(oldest);
    }
    return counting;
  }

  return async (there, signal) => {
    signal.throwIfAborted();
    const key = `${there.mirror} ${there.sha}`;
    const counting = known.get(key) ?? begin(key, there);
    counting.waiting += 1;
    const { promise: gaveUp, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      if (counting.waiting === 1 && !counting.over) {
        known.delete(key);
        counting.ending.abort(signal.reason);
      } else reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([counting.result, gaveUp]);
    } finally {
      counting.waiting -= 1;
      signal.removeEventListener('abort', onAbort);
    }
  };
}
