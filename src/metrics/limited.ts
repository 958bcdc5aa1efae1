import type { Clock } from '../reconcile/ports/clock.ts';

/**
 * The same read, asked at most once in `keepMs` and by nobody while an answer is awaited: who comes in between shares it. Rejects after
 * `limitMs` (real time); the read goes on by itself, and who comes later waits for that same one.
 */
export function limited<T>(read: () => Promise<T>, clock: Pick<Clock, 'now'>, { limitMs, keepMs }: { limitMs: number; keepMs: number }): () => Promise<T> {
  let last: { at: number; answer: Promise<T>; over: boolean } | null = null;
  return () => {
    const now = clock.now().getTime();
    if (last === null || (last.over && now - last.at >= keepMs)) {
      const asked = { at: now, answer: read(), over: false };
      const over = () => {
        asked.over = true;
      };
      asked.answer.then(over, over);
      last = asked;
    }
    return within(last.answer, limitMs);
  };
}

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`there was no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
