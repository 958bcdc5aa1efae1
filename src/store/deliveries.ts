import { and, asc, desc, eq, inArray, isNull, lt, lte, min, ne, or, sql } from 'drizzle-orm';
import type { Deliveries, Delivery } from '../reconcile/ports/store.ts';
import type { Db } from './handle.ts';
import { deliveries } from './schema.ts';
import { notify } from './signals.ts';

const { guid, event, error, seq, state, leaseUntil, retryAt, receivedAt } = deliveries;

/** The ledger of webhooks and the queue of those that wait. */
export function makeDeliveries(db: Db): Deliveries {
  return {
    async add({ guid, event, body, receivedAt }) {
      const added = await db
        .insert(deliveries)
        .values({ guid, event, body, receivedAt })
        .onConflictDoNothing({ target: deliveries.guid })
        .returning({ told: notify('delivery', '') });
      return added.length > 0 ? 'new' : 'seen';
    },

    async claim(now, leaseMs) {
      for (;;) {
        const row = await claimOldest(db, now, leaseMs);
        if (row === null) return null;
        const delivery = parsed(row);
        if (delivery !== null) return delivery;
        await setAside(db, row.guid, 'its body is not JSON');
      }
    },

    async keep(guid, until) {
      await db.update(deliveries).set({ leaseUntil: until }).where(waiting(guid));
    },

    async finish(guid, outcome, now) {
      await db
        .update(deliveries)
        .set({ state: outcome, body: null, error: null, finishedAt: now, leaseUntil: null, retryAt: null })
        .where(waiting(guid));
    },

    async fail(guid, error, retryAt) {
      if (retryAt === null) await setAside(db, guid, error);
      else await db.update(deliveries).set({ error, retryAt, leaseUntil: null }).where(waiting(guid));
    },

    async nextDue() {
      const due = sql`greatest(${receivedAt}, ${retryAt}, ${leaseUntil})`;
      const [row] = await db.select({ at: min(due).mapWith(receivedAt) }).from(deliveries).where(eq(state, 'waiting'));
      return row?.at ?? null;
    },

    async setAside() {
      const rows = await db.select({ guid, event, receivedAt, error }).from(deliveries).where(eq(state, 'set-aside')).orderBy(desc(receivedAt), desc(seq)).limit(20);
      return rows.map((row) => ({ ...row, error: row.error ?? '' }));
    },

    async known(guids) {
      const rows = await db.select({ guid: deliveries.guid }).from(deliveries).where(inArray(deliveries.guid, [...guids]));
      return new Set(rows.map(({ guid }) => guid));
    },

    async forget(before) {
      const old = db.select({ guid: deliveries.guid }).from(deliveries).where(and(lt(receivedAt, before), ne(state, 'waiting'))).limit(10_000);
      const dropped = await db.delete(deliveries).where(inArray(deliveries.guid, old)).returning({ guid: deliveries.guid });
      return dropped.length;
    },

    async firstReceivedAt() {
      const [row] = await db.select({ at: min(receivedAt) }).from(deliveries);
      return row?.at ?? null;
    },
  };
}

type Row = typeof deliveries.$inferSelect;

async function claimOldest(db: Db, now: Date, leaseMs: number): Promise<Row | null> {
  const oldest = db
    .select({ guid: deliveries.guid })
    .from(deliveries)
    .where(and(eq(state, 'waiting'), or(isNull(retryAt), lte(retryAt, now)), or(isNull(leaseUntil), lte(leaseUntil, now))))
    .orderBy(asc(receivedAt), asc(deliveries.seq))
    .limit(1)
    .for('update', { skipLocked: true });
  const [row] = await db
    .update(deliveries)
    .set({ attempts: sql`${deliveries.attempts} + 1`, leaseUntil: new Date(now.getTime() + leaseMs) })
    .where(eq(deliveries.guid, sql`(${oldest})`))
    .returning();
  return row ?? null;
}

function parsed({ guid, event, body, attempts }: Row): Delivery | null {
  try {
    return { guid, event, payload: JSON.parse(body ?? ''), attempts: attempts - 1 };
  } catch {
    return null;
  }
}

/** Never tried again; its body stays, for whoever looks into it. */
async function setAside(db: Db, guid: string, error: string): Promise<void> {
  await db.update(deliveries).set({ state: 'set-aside', error, leaseUntil: null, retryAt: null }).where(waiting(guid));
}

function waiting(guid: string) {
  return and(eq(deliveries.guid, guid), eq(state, 'waiting'));
}
