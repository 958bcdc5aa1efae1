import type { Observed } from './plan/observed.ts';
import { liveOf, targetOf } from './plan/select.ts';
import { restartWaitsMs } from './plan/version.ts';
import { isSetAside } from './set-aside.ts';

/** What an operator allows: how many apps at once, and bytes of memory for all of them together (Infinity: no budget), of which each gets `memoryBytes`. */
export type RoomLimits = { maxPreviews: number; memoryBudgetBytes: number; memoryBytes: number };

/** How many apps may run at once, and which setting says so. */
export type Capacity = { count: number; by: 'MAX_PREVIEWS' | 'MEMORY_BUDGET' };

export function capacityOf({ maxPreviews, memoryBudgetBytes, memoryBytes }: RoomLimits): Capacity {
  const byMemory = Math.floor(memoryBudgetBytes / memoryBytes);
  return byMemory < maxPreviews ? { count: byMemory, by: 'MEMORY_BUDGET' } : { count: maxPreviews, by: 'MAX_PREVIEWS' };
}

/** What was deployed or woken less than this long ago is not put to sleep for others: its people are looking at it. */
export const keepsRoomMs = 10 * 60_000;

/**
 * There was no room: `running` apps have a place, as many as `capacity` allows, and none of them may be put to sleep yet. `freeAt`: when the first of
 * them may, if that is known.
 */
export type NoRoom = { running: number; capacity: Capacity; freeAt: Date | null };

/**
 * Whether it needs a place among those that may run at once:
 *
 * | wanted      | target         | live                     | needs one |
 * |-------------|----------------|--------------------------|-----------|
 * | not running | any            | any                      | no        |
 * | running     | failed, or set aside | none               | no        |
 * | running     | failed or live | crashed four times       | no        |
 * | running     | any other      | any                      | yes       |
 */
export function needsRoom(observed: Omit<Observed, 'room'>): boolean {
  if (observed.wanted.run !== 'running') return false;
  const target = targetOf(observed);
  const live = liveOf(observed);
  if (target !== undefined && live === undefined && isSetAside(target)) return false;
  if (target === undefined || (target !== live && target.state !== 'failed')) return true;
  return live !== undefined && !(live.state === 'built' && observed.crashCount > restartWaitsMs.length);
}
