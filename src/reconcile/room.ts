import { capacityOf, keepsRoomMs, type NoRoom } from '../domain/room.ts';
import type { Deps } from './deps.ts';
import { mustHold } from './fence.ts';
import type { Seen } from './observe.ts';
import type { Lease } from './ports/store.ts';

/**
 * Sees to it that a preview that needs a place among those that may run has one, and that one that needs none gives it back. Where there is none it waits:
 * `noRoom` says why, and `room` in what was observed is false.
 */
export async function settleRoom(deps: Deps, lease: Lease, seen: Seen): Promise<Seen> {
  const { room } = seen.preview;
  if (seen.needsRoom ? room === 'has' : room === 'none') return seen;
  const now = deps.clock.now();
  if (!seen.needsRoom) {
    mustHold(await deps.store.previews.giveRoom(lease, now));
    return { ...seen, preview: { ...seen.preview, room: 'none' } };
  }
  const capacity = capacityOf(deps.config);
  const taken = await deps.store.previews.takeRoom(lease, { capacity: capacity.count, idleBefore: new Date(now.getTime() - keepsRoomMs) }, now);
  mustHold(taken);
  if (taken.kind === 'taken') {
    if (taken.slept.length > 0) deps.log.info({ previews: taken.slept, capacity: capacity.count, by: capacity.by }, 'the least recently used previews are put to sleep to make room');
    return { ...seen, preview: { ...seen.preview, room: 'has' }, observed: { ...seen.observed, room: true } };
  }
  const { running, firstUsedAt } = taken;
  if (room !== 'waits') deps.log.info({ running, capacity: capacity.count, by: capacity.by }, 'there is no room; it waits');
  return { ...seen, preview: { ...seen.preview, room: 'waits' }, noRoom: { running, capacity, freeAt: freeAt(firstUsedAt, capacity.count) } };
}

function freeAt(firstUsedAt: Date | null, capacity: number): NoRoom['freeAt'] {
  return firstUsedAt === null || capacity < 1 ? null : new Date(firstUsedAt.getTime() + keepsRoomMs);
}

/** When it is worth asking for room again, should nobody who gives it back tell of it. */
export function askForRoomAt(deps: Pick<Deps, 'clock'>, { noRoom }: Seen): Date | null {
  if (noRoom === null) return null;
  const soon = deps.clock.now().getTime() + 1_000;
  return new Date(Math.max(soon, noRoom.freeAt?.getTime() ?? soon + askAgainMs));
}

const askAgainMs = 60_000;
