import { setTimeout as delay } from 'node:timers/promises';
import type { ProgramLine } from '../src/demo/program.ts';
import type { World } from '../src/demo/world.ts';

/** What `look` gives once it gives something; looked at every 10 ms for a minute. @throws Error when it never does. */
export async function within<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const until = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await delay(everyMs);
  }
}

/** Resolves with the next line that the program logs for which the condition holds. */
export function nextLine(world: World, condition: (line: ProgramLine) => boolean): Promise<ProgramLine> {
  return new Promise((resolve) => {
    const off = world.program.onLine((line) => {
      if (!condition(line)) return;
      off();
      resolve(line);
    });
  });
}

/** Waits until exactly that many containers of the program are left: what was replaced or closed has been cleared away. */
export async function untilRunning(world: World, count: number): Promise<void> {
  await within(`${count} containers run`, async () => ((await world.remains()).containers.length === count ? true : undefined));
}

const everyMs = 10;
const limitMs = 60_000;
