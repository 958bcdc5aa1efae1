/** One thing that the program needs, as it was last seen. `why` says what is wrong. */
export type Check = { ok: boolean; why?: string; checkedAt: Date };

export type Health = { database: Check; engine: Check; github: Check; edge: Check };

/** Whether the program can do its work. */
export function isReady(health: Health): boolean {
  return Object.values(health).every((check) => check.ok);
}
