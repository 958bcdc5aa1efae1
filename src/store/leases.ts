import { and, asc, eq, isNotNull, isNull, lte, min, or, type SQL, sql } from 'drizzle-orm';
import type { SetAside } from '../domain/set-aside.ts';
import type { Lease, Previews } from '../reconcile/ports/store.ts';
import type { Db } from './handle.ts';
import { toPreview, toStoredPull } from './rows.ts';
import { comments, deliveries, deployments, previews, projects } from './schema.ts';

type Part = 'claim' | 'nextDue' | 'holds' | 'setWanted' | 'update' | 'release' | 'endAllLeases' | 'endLeasesOf';

const { dueAt, leaseNo, leaseOwner, leaseUntil, kicks, claimedKicks, look, lookKick, lookUnless, attempts } = previews;

/** What a pass does: it claims a preview, writes under its lease, and releases it. */
export function makeLeases(db: Db): Pick<Previews, Part> {
  const endPasses = (whose?: SQL) => db.update(previews).set({ leaseUntil: null, leaseOwner: null, lookUnless: null }).where(and(isNotNull(leaseUntil), whose));
  const endBuilds = (whose?: SQL) => db.update(deployments).set({ buildUntil: null, buildOwner: null }).where(and(isNotNull(deployments.buildUntil), whose));
  return {
    async claim(owner, now, leaseMs) {
      const due = db
        .select({ id: previews.id })
        .from(previews)
        .where(and(lte(dueAt, now), or(isNull(leaseUntil), lte(leaseUntil, now))))
        .orderBy(asc(dueAt), asc(previews.id))
        .limit(1)
        .for('update', { skipLocked: true });
      const [row] = await db
        .update(previews)
        .set({
          leaseNo: sql`${leaseNo} + 1`,
          leaseOwner: owner,
          leaseUntil: new Date(now.getTime() + leaseMs),
          claimedKicks: sql`${kicks}`,
          // Whoever had it before did not end: what it was to look for is not known.
          lookUnless: sql`case when ${leaseUntil} is null then ${lookUnless} end`,
        })
        .from(projects)
        .where(and(eq(previews.id, sql`(${due})`), eq(projects.id, previews.projectId)))
        .returning();
      if (row === undefined) return null;
      return {
        lease: { previewId: row.id, leaseNo: row.leaseNo, generation: row.generation },
        preview: toPreview(row, row.projects),
        look: row.look,
        unless: row.lookUnless,
        attempts: row.attempts,
      };
    },

    async nextDue() {
      const claimable = sql`greatest(${dueAt}, ${leaseUntil})`;
      const [row] = await db.select({ at: min(claimable).mapWith(dueAt) }).from(previews).where(isNotNull(dueAt));
      return row?.at ?? null;
    },

    async holds(lease) {
      const rows = await db.select({ id: previews.id }).from(previews).where(isHeld(lease));
      return rows.length > 0;
    },

    async setWanted(lease, wanted, pulls, now) {
      const { wantedRun, wantedSha, wantedRedeployNo, redeployNo, generation } = previews;
      const changed = sql`(${wantedRun} <> ${wanted.run} or ${wantedSha} is distinct from ${wanted.sha} or ${wantedRedeployNo} <> ${redeployNo})`;
      const [row] = await db
        .update(previews)
        .set({
          generation: sql`${generation} + case when ${changed} then 1 else 0 end`,
          wantedRun: wanted.run,
          wantedSha: wanted.sha,
          wantedReason: wanted.reason,
          asleepBecause: wanted.asleepBecause,
          wantedRedeployNo: sql`${redeployNo}`,
          pulls: pulls.map(toStoredPull),
          updatedAt: now,
        })
        .where(isHeld(lease))
        .returning({ generation });
      return row === undefined ? null : { ...lease, generation: row.generation };
    },

    async update(lease, { state, liveDeploymentId, crashCount, lastCrashAt, setAside }, now) {
      const written = await db
        .update(previews)
        .set({ state, liveDeploymentId, crashCount, lastCrashAt, updatedAt: now, ...asideColumns(setAside) })
        .where(isHeld(lease))
        .returning({ id: previews.id });
      return written.length > 0;
    },

    async release(lease, end) {
      const kickedMeanwhile = sql`${kicks} > ${claimedKicks}`;
      const at = end.dueAt === null ? sql`null::timestamptz` : sql`${end.dueAt.toISOString()}::timestamptz`;
      await db
        .update(previews)
        .set({
          dueAt: sql`case when ${kickedMeanwhile} then ${dueAt} else ${at} end`,
          leaseOwner: null,
          leaseUntil: null,
          ...(end.failed ? { attempts: sql`${attempts} + 1` } : { attempts: 0, ...asideColumns(null) }),
          ...(end.looked
            ? { look: sql`${look} and ${lookKick} > ${claimedKicks}`, lookUnless: sql`case when ${lookKick} > ${claimedKicks} then ${lookUnless} end` }
            : { lookUnless: null }),
        })
        // Not the generation: a pass that threw between writing a new one and learning of it still ends its lease.
        .where(isLeased(lease));
    },

    async endLeasesOf(owner) {
      await endPasses(eq(leaseOwner, owner));
      await endBuilds(eq(deployments.buildOwner, owner));
    },

    async endAllLeases() {
      await endPasses();
      await endBuilds();
      await db.update(deployments).set({ statusLeaseUntil: null }).where(isNotNull(deployments.statusLeaseUntil));
      await db.update(deliveries).set({ leaseUntil: null }).where(isNotNull(deliveries.leaseUntil));
      await db.update(comments).set({ leaseUntil: null }).where(isNotNull(comments.leaseUntil));
    },
  };
}

function asideColumns(setAside: SetAside | null | undefined): { asideReason?: string | null; asideAt?: Date | null } {
  return setAside === undefined ? {} : { asideReason: setAside?.reason ?? null, asideAt: setAside?.at ?? null };
}

/** The lease is still the row's, and so is the generation. */
export function isHeld(lease: Lease): SQL | undefined {
  return and(isLeased(lease), eq(previews.generation, lease.generation));
}

/** A lease that was released or ended is nobody's, even before the next claim gives out a new number. */
function isLeased(lease: Lease): SQL | undefined {
  return and(eq(previews.id, lease.previewId), eq(leaseNo, lease.leaseNo), isNotNull(leaseUntil));
}
