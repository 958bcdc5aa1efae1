import { and, asc, eq, isNull, lte, min, or, sql } from 'drizzle-orm';
import type { Reports } from '../reconcile/ports/store.ts';
import type { Db } from './handle.ts';
import { previewWhere } from './previews.ts';
import { toDeployment } from './rows.ts';
import { deployments, previews } from './schema.ts';
import { notify } from './signals.ts';

type Part = 'wishStatus' | 'claimStatus' | 'setGithubDeployment' | 'finishStatus';

const { id, wishedStatus, reportedStatus, wishedUrl, reportedUrl, statusWishedAt, statusNotBefore, statusLeaseNo, statusLeaseUntil, statusAttempts } = deployments;

/** What GitHub should be told of a deployment, and the queue of what it was not told yet. */
export function makeStatuses(db: Db): Pick<Reports, Part> {
  return {
    async wishStatus(deploymentId, status, now, url = null) {
      await db
        .update(deployments)
        .set({ wishedStatus: status, wishedUrl: url, statusWishedAt: now })
        .where(and(eq(id, deploymentId), or(sql`${wishedStatus} is distinct from ${status}`, sql`${wishedUrl} is distinct from ${url}`)))
        .returning({ told: sql`case when ${unreported} then ${notify('status', '')} end` });
    },

    async claimStatus(now, leaseMs) {
      const oldest = db
        .select({ id })
        .from(deployments)
        .where(
          and(
            unreported,
            or(isNull(statusNotBefore), lte(statusNotBefore, now)),
            or(isNull(statusLeaseUntil), lte(statusLeaseUntil, now)),
          ),
        )
        // That a version was replaced can wait: writes a minute are counted.
        .orderBy(sql`${wishedStatus} = 'inactive'`, asc(statusWishedAt))
        .limit(1)
        .for('update', { skipLocked: true });
      const [row] = await db
        .update(deployments)
        .set({ statusLeaseNo: sql`${statusLeaseNo} + 1`, statusLeaseUntil: new Date(now.getTime() + leaseMs) })
        .where(eq(id, sql`(${oldest})`))
        .returning();
      if (row === undefined || row.wishedStatus === null) return null;
      const preview = await previewWhere(db, eq(previews.id, row.previewId));
      if (preview === null) throw new Error(`deployment ${row.id} has no preview`);
      const { wishedStatus: status, wishedUrl: url, statusLeaseNo: leaseNo, statusAttempts: failed } = row;
      return { preview, deployment: toDeployment(row), leaseNo, attempts: failed, status, url };
    },

    async setGithubDeployment(deploymentId, githubDeploymentId) {
      await db.update(deployments).set({ githubDeploymentId }).where(eq(id, deploymentId));
    },

    async finishStatus(job, written, notBefore) {
      const outcome =
        written === null ? { statusAttempts: sql`${statusAttempts} + 1` } : { statusAttempts: 0, reportedStatus: written, reportedUrl: job.url };
      await db
        .update(deployments)
        .set({ ...outcome, statusNotBefore: notBefore, statusLeaseUntil: null })
        .where(and(eq(id, job.deployment.id), eq(statusLeaseNo, job.leaseNo)));
    },
  };
}

/** The earliest time at which a status may be reported. */
export async function nextStatusDue(db: Db): Promise<Date | null> {
  const due = sql`greatest(${statusWishedAt}, ${statusNotBefore}, ${statusLeaseUntil})`;
  const [row] = await db.select({ at: min(due).mapWith(statusWishedAt) }).from(deployments).where(unreported);
  return row?.at ?? null;
}

/** As the partial index says it. */
export const unreported = sql`(${wishedStatus}, ${wishedUrl}) is distinct from (${reportedStatus}, ${reportedUrl})`;
