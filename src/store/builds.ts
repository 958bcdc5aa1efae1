import { and, asc, eq, getTableColumns, gt, inArray, isNull, lte, min, ne, notInArray, or, sql } from 'drizzle-orm';
import { endedStates } from '../domain/deployment.ts';
import type { Deployments } from '../reconcile/ports/store.ts';
import type { Handle } from './handle.ts';
import { previewWhere } from './previews.ts';
import { toDeployment } from './rows.ts';
import { deployments, previews } from './schema.ts';
import { notify } from './signals.ts';

type Part = 'claimBuild' | 'keepBuild' | 'updateBuild' | 'nextBuildDue' | 'takeImage' | 'imagesNamed';

const { id, state, image, retryAt, buildNo, buildDeaths, buildUntil, createdAt } = deployments;

/** Who looks on hears of every change. */
const seen = notify('deployment', sql`${id}`);

/** The deployments as a queue of builds. */
export function makeBuilds({ db, transaction }: Handle): Pick<Deployments, Part> {
  return {
    async claimBuild(owner, now, leaseMs, share = Number.MAX_SAFE_INTEGER) {
      const running = sql`(select count(*) from ${deployments} as b join ${previews} as p on p.id = b.preview_id
        where p.project_id = ${previews.projectId} and b.state = 'building' and b.build_until > ${now.toISOString()}::timestamptz)`;
      const queued = and(eq(state, 'queued'), or(isNull(retryAt), lte(retryAt, now)));
      const orphaned = and(eq(state, 'building'), or(isNull(buildUntil), lte(buildUntil, now)));
      const first = db
        .select({ id })
        .from(deployments)
        .innerJoin(previews, eq(previews.id, deployments.previewId))
        .where(or(queued, orphaned))
        .orderBy(sql`${previews.kind} = 'pull'`, sql`${running} >= ${share}`, asc(id))
        .limit(1)
        .for('update', { of: deployments, skipLocked: true });
      const [row] = await db
        .update(deployments)
        .set({
          state: 'building',
          buildNo: sql`${buildNo} + 1`,
          buildOwner: owner,
          buildUntil: new Date(now.getTime() + leaseMs),
          buildStartedAt: now,
          buildDeaths: sql`${buildDeaths} + case ${state} when 'building' then 1 else 0 end`,
          // A dead builder's: it stands for nothing that is under way.
          image: null,
        })
        .where(eq(id, sql`(${first})`))
        .returning({ ...getTableColumns(deployments), seen });
      if (row === undefined) return null;
      const preview = await previewWhere(db, eq(previews.id, row.previewId));
      if (preview === null) throw new Error(`deployment ${row.id} has no preview`);
      return { deployment: toDeployment(row), preview, buildNo: row.buildNo, deaths: row.buildDeaths };
    },

    async keepBuild(deploymentId, no, until) {
      const kept = await db.update(deployments).set({ buildUntil: until }).where(isBuilding(deploymentId, no)).returning({ id });
      return kept.length > 0;
    },

    async updateBuild(deploymentId, no, change) {
      const over = change.state === undefined ? {} : { buildOwner: null, buildUntil: null, buildDeaths: 0 };
      const written = await db
        .update(deployments)
        // A statement sets something even when nothing changes; who asks still learns whether the build is theirs.
        .set({ ...change, ...over, buildNo: no })
        .where(isBuilding(deploymentId, no))
        .returning({ id, seen });
      return written.length > 0;
    },

    async nextBuildDue() {
      const due = sql`greatest(${createdAt}, case ${state} when 'queued' then ${retryAt} else ${buildUntil} end)`;
      const [row] = await db
        .select({ at: min(due).mapWith(createdAt) })
        .from(deployments)
        .where(inArray(state, ['queued', 'building']));
      return row?.at ?? null;
    },

    takeImage: (deploymentId, no, name, now) =>
      transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
        const underWay = and(eq(image, name), eq(state, 'building'), gt(buildUntil, now), ne(id, deploymentId));
        const [other] = await tx.select({ id }).from(deployments).where(underWay).limit(1);
        if (other !== undefined) {
          // Who waits holds nothing that somebody else could wait for.
          await tx.update(deployments).set({ image: null }).where(isBuilding(deploymentId, no));
          return false;
        }
        await tx.update(deployments).set({ image: name }).where(isBuilding(deploymentId, no));
        return true;
      }),

    async imagesNamed(stem) {
      const rows = await db
        .selectDistinct({ image })
        .from(deployments)
        .where(and(sql`starts_with(${image}, ${stem})`, notInArray(state, [...endedStates, 'queued', 'building'])));
      return rows.flatMap((row) => row.image ?? []);
    },
  };
}

function isBuilding(deploymentId: number, no: number) {
  return and(eq(id, deploymentId), eq(state, 'building'), eq(buildNo, no));
}
