import { and, asc, count, eq, inArray, lt, min, ne, sql } from 'drizzle-orm';
import type { Previews } from '../reconcile/ports/store.ts';
import type { Db, Handle } from './handle.ts';
import { isHeld } from './leases.ts';
import { kicked } from './previews.ts';
import { previews } from './schema.ts';
import { notify } from './signals.ts';

type Part = 'takeRoom' | 'giveRoom' | 'trimRoom' | 'expire';

const { id, room, usedAt, wantedRun, wantedSha, asleepBecause, expiredSha } = previews;

/** Has a place. One that is to sleep or to go has none any more, even while it still stops. */
const has = and(eq(room, 'has'), eq(wantedRun, 'running'));

/** Who may run. Whoever gives out places waits for one another. */
export function makeRoom({ db, transaction }: Handle): Pick<Previews, Part> {
  return {
    takeRoom: (lease, { capacity, idleBefore }, now) =>
      transaction(async (tx) => {
        await oneAtATime(tx);
        const others = and(has, ne(id, lease.previewId));
        const [taken] = await tx.select({ running: count(), firstUsedAt: min(usedAt) }).from(previews).where(others);
        const { running, firstUsedAt } = taken!;
        const tooMany = running + 1 - capacity;
        const idle = tooMany <= 0 || capacity < 1 ? [] : await leastUsed(tx, and(others, lt(usedAt, idleBefore)), tooMany);
        const full = capacity < 1 || idle.length < tooMany;
        await lock(tx, full ? [lease.previewId] : [lease.previewId, ...idle]);
        const [held] = await tx.select({ id }).from(previews).where(isHeld(lease));
        if (held === undefined) return null;
        if (full) {
          await tx.update(previews).set({ room: 'waits' }).where(eq(id, lease.previewId));
          return { kind: 'full', running, firstUsedAt };
        }
        await toSleep(tx, idle, now);
        await tx.update(previews).set({ room: 'has', usedAt: now }).where(eq(id, lease.previewId));
        return { kind: 'taken', slept: idle };
      }),

    giveRoom: (lease, now) =>
      transaction(async (tx) => {
        await oneAtATime(tx);
        const waiting = await tx.select({ id }).from(previews).where(and(eq(room, 'waits'), ne(id, lease.previewId)));
        const ids = waiting.map((row) => row.id);
        await lock(tx, [lease.previewId, ...ids]);
        const given = await tx.update(previews).set({ room: 'none' }).where(isHeld(lease)).returning({ id });
        if (given.length === 0) return false;
        if (ids.length > 0) await tx.update(previews).set(kicked(false, now)).where(inArray(id, ids)).returning({ told: notify('preview', '') });
        return true;
      }),

    trimRoom: (capacity, now) =>
      transaction(async (tx) => {
        await oneAtATime(tx);
        const [taken] = await tx.select({ running: count() }).from(previews).where(has);
        const tooMany = taken!.running - capacity;
        const idle = tooMany <= 0 ? [] : await leastUsed(tx, has, tooMany);
        await lock(tx, idle);
        await toSleep(tx, idle, now);
        return idle;
      }),

    async expire(usedBefore, now) {
      const unused = and(lt(usedAt, usedBefore), ne(wantedRun, 'nothing'), sql`${asleepBecause} is distinct from 'suspended'`, sql`${expiredSha} is distinct from ${wantedSha}`);
      const ids = db.select({ id }).from(previews).where(unused).orderBy(asc(id)).for('update');
      const rows = await db
        .update(previews)
        .set({ expiredSha: sql`${wantedSha}`, ...kicked(true, now) })
        .where(inArray(id, ids))
        .returning({ id, told: notify('preview', '') });
      return rows.map((row) => row.id);
    },
  };
}

async function oneAtATime(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('kosuke-room', 0))`);
}

/** In the order of the ids, as whoever kicks many does, so that no two wait for each other. */
async function lock(tx: Db, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await tx.select({ id }).from(previews).where(inArray(id, [...ids])).orderBy(asc(id)).for('update');
}

async function leastUsed(tx: Db, condition: ReturnType<typeof and>, most: number): Promise<number[]> {
  const rows = await tx.select({ id }).from(previews).where(condition).orderBy(sql`${usedAt} nulls first`, asc(id)).limit(most);
  return rows.map((row) => row.id).toSorted((a, b) => a - b);
}

async function toSleep(tx: Db, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(previews)
    .set({ room: 'none', asleepSha: sql`${wantedSha}`, asleepBy: 'room', ...kicked(false, now) })
    .where(inArray(id, [...ids]))
    .returning({ told: notify('preview', '') });
}
