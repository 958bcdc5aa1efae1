import type { Clock } from '../reconcile/ports/clock.ts';

export type Waker = {
  /** Ends the wait under way, or the next one when there is none: a call between a look and the wait is not lost. */
  wake(): void;
  /** Resolves after `ms`, when woken, or when the signal is aborted. */
  wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void>;
};

export function createWaker(): Waker {
  let woken = false;
  let current: AbortController | null = null;
  return {
    wake() {
      woken = true;
      current?.abort();
    },
    async wait(clock, ms, signal) {
      if (!woken && !signal.aborted) {
        current = new AbortController();
        const either = AbortSignal.any([current.signal, signal]);
        try {
          await clock.sleep(ms, either);
        } catch (error) {
          if (!either.aborted) throw error;
        } finally {
          current = null;
        }
      }
      woken = false;
    },
  };
}
