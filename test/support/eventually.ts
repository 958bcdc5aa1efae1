import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `check` returns a value other than `undefined` and `false`, looking every `every` ms for at most `within` ms.
 * A throw of `check` counts as "not yet"; the last one becomes the cause of the failure.
 */
export async function eventually<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 10_000, every = 50 }: { within?: number; every?: number } = {},
): Promise<T> {
  const until = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) throw new Error(`not within ${within} ms: ${what}`, { cause: last });
    await delay(every);
  }
}
