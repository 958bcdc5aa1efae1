import { mostAttempts, setAsideWaitMs } from '../domain/set-aside.ts';

/**
 * A pass ends well before its lease does: it looks and observes at first, begins no step after `stopActingMs`, and each part has a limit:
 * 12 + 8 s, a last step of 15 s that began at 20 s, 8 s to observe again, and a few statements.
 */
export const leaseMs = 55_000;
export const lookLimitMs = 12_000;
export const observeLimitMs = 8_000;
export const stopActingMs = 20_000;
export const stepLimitMs = 15_000;
/** Waits between attempts at what ended in an error of ours; the last one stays. */
export const retryWaitsMs: readonly number[] = [5_000, 15_000, 60_000, 300_000, 900_000];

/** The wait before the next attempt, after `attempts` that failed. */
export function retryWaitMs(attempts: number, waits: readonly number[] = retryWaitsMs): number {
  return waits[attempts] ?? waits.at(-1)!;
}

/** The same for what is set aside after many. */
export function attemptWaitMs(attempts: number, waits: readonly number[] = retryWaitsMs): number {
  return attempts + 1 >= mostAttempts ? setAsideWaitMs : retryWaitMs(attempts, waits);
}
