import type { Clock } from './ports/clock.ts';

export type Bell = {
  /** Without effect beyond the next wait; may be called at any time. */
  ring(): void;
  /** Whether it has rung since the last wait; forgets it. */
  answered(): boolean;
  /** Resolves when it rings, after `ms`, or when `stop` aborts. One waits at a time. */
  wait(clock: Pick<Clock, 'sleep'>, ms: number, stop: AbortSignal): Promise<void>;
};

/** A ring while nobody waits is remembered. */
export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    answered() {
      const was = rung;
      rung = false;
      return was;
    },
    async wait(clock, ms, stop) {
      if (!rung) {
        const asleep = new AbortController();
        wake = () => asleep.abort();
        await clock.sleep(ms, AbortSignal.any([asleep.signal, stop])).catch(() => undefined);
        wake = null;
      }
      rung = false;
    },
  };
}
