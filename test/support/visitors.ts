import type { TestContext } from 'node:test';
import { eventually } from './eventually.ts';
import type { World } from './world.ts';

export type Visitors = {
  /** What each visitor met, in the order in which they came; goes on growing until `stop`. */
  met: readonly Visit[];
  /** Waits (30 s) until one of them has met this, or what begins with it. */
  untilMet(said: string): Promise<void>;
  /** Resolves when the last one has been answered. */
  stop(): Promise<readonly Visit[]>;
};

/** `said`: the app's paragraph; `gate: <state> <status>`; any other answer or the lack of one as it is. `at`: `performance.now()`. */
export type Visit = { at: number; said: string };

/**
 * One visitor after the other, every 10 ms, each over a connection of its own and without waiting for the one before; for a minute at
 * most, and never longer than the test. `place`: a host's first label, or what gives each visitor an address.
 */
export function visitors(test: Pick<TestContext, 'after'>, world: World, place: string | (() => string), { everyMs = 10, atMostMs = 60_000 } = {}): Visitors {
  const met: Visit[] = [];
  const underWay = new Set<Promise<void>>();
  const until = performance.now() + atMostMs;
  const timer = setInterval(() => {
    if (performance.now() > until) clearInterval(timer);
    if (underWay.size >= mostAtOnce) return;
    const visit: Visit = { at: performance.now(), said: 'no answer' };
    met.push(visit);
    const asked: Promise<void> = ask(world, typeof place === 'string' ? place : place(), visit).finally(() => underWay.delete(asked));
    underWay.add(asked);
  }, everyMs);
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    return met;
  };
  test.after(stop);
  return {
    met,
    async untilMet(wished) {
      await eventually(
        `a visitor meets ${JSON.stringify(wished)}`,
        () => {
          if (met.some(({ said }) => said.startsWith(wished))) return true;
          throw new Error(`they met ${JSON.stringify(tally(met))}`);
        },
        { within: 30_000, every: 25 },
      );
    },
    stop,
  };
}

/** Each different thing that was met, with how often, in the order of its first time. */
export function tally(met: readonly Visit[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { said } of met) counts[said] = (counts[said] ?? 0) + 1;
  return counts;
}

async function ask(world: World, place: string, visit: Visit): Promise<void> {
  visit.said = await answerAt(world, place);
}

async function answerAt(world: World, place: string): Promise<string> {
  try {
    const { status, headers, text } = await world.get(place, { timeoutMs: 8_000 });
    const state = headers['x-kosuke-state'];
    if (state !== undefined) return `gate: ${state} ${status}`;
    const paragraph = /<p>([^<]*)<\/p>/.exec(text)?.[1];
    const fromApp = headers['x-kosuke-deployment'] !== undefined || world.traefik === null;
    return status === 200 && fromApp && paragraph !== undefined ? paragraph : `${status}: ${text.slice(0, 80)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const mostAtOnce = 50;
