import { gt, or, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from './handle.ts';
import { comments, deployments } from './schema.ts';

/**
 * Times that lie farther ahead than anything is ever put off become `now`: they were written by a clock that was ahead and has been set right, and what
 * waits for them would stand still for as long as it was wrong.
 */
export async function forgetFuture(db: Db, now: Date): Promise<void> {
  const limit = new Date(now.getTime() + longestMs);
  const beyond = (...times: PgColumn[]) => or(...times.map((time) => gt(time, limit)));
  const nearer = (time: PgColumn) => sql`case when ${time} > ${limit.toISOString()}::timestamptz then ${now.toISOString()}::timestamptz else ${time} end`;
  const { wishedAt, notBefore, leaseUntil } = comments;
  await db.update(comments).set({ wishedAt: nearer(wishedAt), notBefore: nearer(notBefore), leaseUntil: nearer(leaseUntil) }).where(beyond(wishedAt, notBefore, leaseUntil));
  const { statusWishedAt: statusAt, statusNotBefore, statusLeaseUntil } = deployments;
  await db
    .update(deployments)
    .set({ statusWishedAt: nearer(statusAt), statusNotBefore: nearer(statusNotBefore), statusLeaseUntil: nearer(statusLeaseUntil) })
    .where(beyond(statusAt, statusNotBefore, statusLeaseUntil));
}

/** More than the longest wait before another try, and than any lease. */
const longestMs = 65 * 60_000;
