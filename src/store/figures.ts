import { and, count, eq, isNull, lte, min, or, type SQL, sql } from 'drizzle-orm';
import { mostAttempts } from '../domain/set-aside.ts';
import { type Aside, asides, type Figures, type Waiting } from '../reconcile/ports/store.ts';
import { unwritten } from './comments.ts';
import type { Db } from './handle.ts';
import { comments, deliveries, deployments, previews } from './schema.ts';
import { unreported } from './statuses.ts';

/** What monitoring asks for. Each queue has a partial index of what waits. */
export function makeFigures(db: Db): Figures {
  return {
    deliveriesWaiting: () => waiting(db, deliveries, deliveries.receivedAt, eq(deliveries.state, 'waiting')),
    passesDue(now) {
      const { dueAt, leaseUntil } = previews;
      return waiting(db, previews, dueAt, and(lte(dueAt, now), or(isNull(leaseUntil), lte(leaseUntil, now))));
    },
    buildsQueued(now) {
      const { state, retryAt, createdAt } = deployments;
      return waiting(db, deployments, createdAt, and(eq(state, 'queued'), or(isNull(retryAt), lte(retryAt, now))));
    },
    commentsWaiting: () => waiting(db, comments, comments.wishedAt, unwritten),
    statusesWaiting: () => waiting(db, deployments, deployments.statusWishedAt, unreported),

    async setAside() {
      const { rows } = await db.execute<Record<Aside, number | string>>(sql`select
        (select count(*) from ${deliveries} where ${deliveries.state} = 'set-aside') as deliveries,
        (select count(*) from ${previews} where ${previews.asideAt} is not null) as previews,
        (select count(*) from ${deployments} where ${deployments.state} = 'error' and ${deployments.attempts} >= ${mostAttempts}) as deployments,
        (select count(*) from ${comments} where ${comments.attempts} >= ${mostAttempts} and ${unwritten})
          + (select count(*) from ${deployments} where ${deployments.statusAttempts} >= ${mostAttempts} and ${unreported}) as reports`);
      return Object.fromEntries(asides.map((aside) => [aside, Number(rows[0]?.[aside] ?? 0)])) as Record<Aside, number>;
    },

    async previewsByState() {
      const { state } = previews;
      const rows = await db.select({ state, count: count() }).from(previews).groupBy(state);
      return new Map(rows.map((row) => [row.state, row.count]));
    },
  };
}

type Queue = typeof deliveries | typeof previews | typeof deployments | typeof comments;
type Time = typeof deliveries.receivedAt | typeof previews.dueAt | typeof deployments.createdAt | typeof deployments.statusWishedAt | typeof comments.wishedAt;

async function waiting(db: Db, queue: Queue, since: Time, condition: SQL | undefined): Promise<Waiting> {
  const [row] = await db.select({ count: count(), since: min(since) }).from(queue).where(condition);
  return { count: row?.count ?? 0, since: row?.since ?? null };
}
