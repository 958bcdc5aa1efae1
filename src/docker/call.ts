import { KosukeError } from '../domain/errors.ts';

/**
 * One request to the engine under its own time limit and the caller's signal. An aborted caller gets its own reason; everything
 * else comes out as a `KosukeError` (code `engine`, retry) whose cause keeps the engine's status code. `doing` completes "while …".
 */
export async function call<T>(
  doing: string,
  limits: { signal: AbortSignal; ms: number },
  request: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  limits.signal.throwIfAborted();
  const both = new AbortController();
  const onAbort = (): void => both.abort(limits.signal.reason);
  limits.signal.addEventListener('abort', onAbort, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    both.abort();
  }, limits.ms);
  try {
    return await request(both.signal);
  } catch (error) {
    limits.signal.throwIfAborted();
    if (error instanceof KosukeError) throw error;
    if (late) throw engineError(doing, `It did not answer within ${limits.ms / 1000} s`, error);
    throw engineError(doing, reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', onAbort);
  }
}

/** The engine's failure in words. `why` is a sentence without a full stop. */
export function engineError(doing: string, why: string, cause?: unknown): KosukeError {
  return new KosukeError(
    {
      code: 'engine',
      fault: 'us',
      what: `The Docker Engine failed while ${doing}`,
      why,
      next: 'It is tried again by itself. If it stays so, look whether the engine runs and what its log says.',
    },
    { cause },
  );
}

/** The HTTP status with which the engine refused, or `undefined` when it gave none. Looks through `call`'s wrapping. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return error instanceof KosukeError ? statusOf(error.cause) : undefined;
}

/** What the engine said, without the client's frame of status code and phrase. */
export function reasonOf(error: unknown): string {
  if (error instanceof KosukeError && error.cause !== undefined) return reasonOf(error.cause);
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\(HTTP code \d+\) .*? - /s, '').trim();
}
