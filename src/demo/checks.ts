import { setTimeout as delay } from 'node:timers/promises';
import type { ProgramProcess } from './program.ts';
import type { Timeline } from './timeline.ts';

/** What was to be seen was not seen in time. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  readonly expected: string;
  readonly seen: string;
  constructor(expected: string, seen: string) {
    super(`expected: ${expected}; seen: ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** Looks until `look` gives `true` instead of what is there, then puts what was expected on the timeline. */
export type Check = (expected: string, look: () => true | string | Promise<true | string>) => Promise<void>;

/** Each check waits for at most 60 s, all together 3 min, then throws `CheckFailed`; throws at once when the signal aborts or the program ends. */
export function createChecks(timeline: Timeline, program: ProgramProcess, signal: AbortSignal): Check {
  const end = performance.now() + allLimitMs;
  return async (expected, look) => {
    const until = Math.min(end, performance.now() + oneLimitMs);
    for (;;) {
      const seen = await look();
      if (seen === true) return timeline.add({ at: new Date(), word: '✓', text: expected, look: 'good' });
      goesOn(program, signal);
      if (performance.now() > until) throw new CheckFailed(expected, seen);
      await delay(everyMs);
    }
  };
}

/** @throws the signal's reason when it was aborted; `CheckFailed` when the program ended by itself. */
export function goesOn(program: ProgramProcess, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (program.pid === null) throw new CheckFailed('the program keeps running', 'it ended by itself');
}

const oneLimitMs = 60_000;
const allLimitMs = 180_000;
const everyMs = 50;
