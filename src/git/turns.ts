/**
 * Lets one after the other work on each key. Whoever waits may give up by its signal, with the signal's reason; work that has begun
 * is waited for, since only its end leaves the mirror to the next.
 */
export function createTurns(): <T>(key: number, signal: AbortSignal, work: () => Promise<T>) => Promise<T> {
  const last = new Map<number, Promise<void>>();
  return async (key, signal, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    const turn = before.then(() => mine);
    last.set(key, turn);
    try {
      await endOf(before, signal);
      return await work();
    } finally {
      done();
      void turn.then(() => last.get(key) === turn && last.delete(key));
    }
  };
}

async function endOf(before: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([before, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
