import { setTimeout as delay } from 'node:timers/promises';
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

/** Each check waits for at most 60 s, all together 3 min, then throws `CheckFailed`; an aborted signal throws its reason. */
export function createChecks(timeline: Timeline, signal: AbortSignal): Check {
  const end = performance.now() + allLimitMs;
  return async (expected, look) => {
    const until = Math.min(end, performance.now() + oneLimitMs);
    for (;;) {
      const seen = await look();
      if (seen === true) return timeline.add({ at: new Date(), word: '✓', text: expected, look: 'good' });
      signal.throwIfAborted();
      if (performance.now() > until) throw new CheckFailed(expected, seen);
      await delay(everyMs);
    }
  };
}

const oneLimitMs = 60_000;
const allLimitMs = 180_000;
const everyMs = 50;
