/** A pass ends its lease well before it runs out: no step begins after `stopActingMs`, none takes longer than `stepLimitMs`. */
export const leaseMs = 60_000;
export const stopActingMs = 25_000;
export const stepLimitMs = 25_000;
/** Waits between attempts at what ended in an error of ours; the last one stays. */
export const retryWaitsMs: readonly number[] = [5_000, 15_000, 60_000, 300_000, 900_000];

/** The wait before the next attempt, after `attempts` that failed. */
export function retryWaitMs(attempts: number, waits: readonly number[] = retryWaitsMs): number {
  return waits[attempts] ?? waits.at(-1)!;
}
