import { and, asc, eq, gte, inArray, type SQL, sql } from 'drizzle-orm';
import { KosukeError } from '../domain/errors.ts';
import type { Preview, PreviewRef } from '../domain/preview.ts';
import type { Previews, Said } from '../reconcile/ports/store.ts';
import { storableJson } from './columns.ts';
import type { Db } from './handle.ts';
import { refColumns, toPreview } from './rows.ts';
import { previews, projects } from './schema.ts';
import { notify } from './signals.ts';

type Part = 'ensure' | 'byRef' | 'byId' | 'byHostLabel' | 'all' | 'ofProject' | 'kick' | 'kickProject' | 'kickAll' | 'setWill' | 'forgetCrashes';

/** Previews as anybody may read and wish them; what a pass does under its lease is in leases.ts. */
export function makePreviews(db: Db): Pick<Previews, Part> {
  return {
    async ensure(projectId, ref, hostLabels, now) {
      const known = await previewWhere(db, isRef(projectId, ref));
      if (known !== null) return known;
      for (const hostLabel of hostLabels) {
        await db
          .insert(previews)
          .values({ projectId, ...refColumns(ref), hostLabel, createdAt: now, updatedAt: now })
          .onConflictDoNothing();
        // Ours, or that of somebody who asked for the same ref at the same time; else the label is taken.
        const made = await previewWhere(db, isRef(projectId, ref));
        if (made !== null) return made;
      }
      throw noHostLeft(projectId, ref, hostLabels);
    },

    byRef: (projectId, ref) => previewWhere(db, isRef(projectId, ref)),
    byId: (id) => previewWhere(db, eq(previews.id, id)),
    byHostLabel: (hostLabel) => previewWhere(db, eq(previews.hostLabel, hostLabel)),

    async all() {
      const rows = await withProject(db).orderBy(asc(previews.id));
      return rows.map((row) => toPreview(row.previews, row.projects));
    },

    async ofProject(projectId) {
      const rows = await withProject(db).where(eq(previews.projectId, projectId)).orderBy(asc(previews.id));
      return rows.map((row) => toPreview(row.previews, row.projects));
    },

    async kick(previewId, { look, unless = null, takeUp = false }, now) {
      const { id } = previews;
      await db.update(previews).set({ ...kicked(look, now, unless), ...(takeUp ? takenUp : {}) }).where(eq(id, previewId)).returning({ told: notify('preview', sql`${id}`) });
    },
    kickProject: (projectId, { look }, now) => kickMany(db, eq(previews.projectId, projectId), { look, takeUp: false }, now),
    kickAll: ({ look, takeUp = false }, now) => kickMany(db, undefined, { look, takeUp }, now),

    async forgetCrashes(since) {
      await db.update(previews).set({ crashCount: 0, lastCrashAt: null }).where(gte(previews.lastCrashAt, since));
    },

    async setWill(previewId, { redeploy, forgetCrashes, removedSha, asleepSha, asleepBy, expiredSha, leftOutSha }) {
      await db
        .update(previews)
        .set({
          removedSha,
          asleepSha,
          asleepBy,
          expiredSha,
          leftOutSha,
          redeployNo: sql`${previews.redeployNo} + ${redeploy === true ? 1 : 0}`,
          ...(forgetCrashes === true ? { crashCount: 0, lastCrashAt: null } : {}),
        })
        .where(eq(previews.id, previewId));
    },
  };
}

/** Previews and their projects, to be narrowed by `where`. */
export function withProject(db: Db) {
  return db.select().from(previews).innerJoin(projects, eq(projects.id, previews.projectId)).$dynamic();
}

/** The one preview for which the condition holds. */
export async function previewWhere(db: Db, condition: SQL | undefined): Promise<Preview | null> {
  const [row] = await withProject(db).where(condition).limit(1);
  return row === undefined ? null : toPreview(row.previews, row.projects);
}

function isRef(projectId: number, ref: PreviewRef): SQL | undefined {
  const columns = refColumns(ref);
  return and(eq(previews.projectId, projectId), eq(previews.kind, columns.kind), eq(previews.ref, columns.ref));
}

/** Locks in the order of the ids, so that two of these at once cannot wait for each other; tells the workers once. */
async function kickMany(db: Db, condition: SQL | undefined, { look, takeUp }: { look: boolean; takeUp: boolean }, now: Date): Promise<void> {
  const ids = db.select({ id: previews.id }).from(previews).where(condition).orderBy(asc(previews.id)).for('update');
  await db.update(previews).set({ ...kicked(look, now), ...(takeUp ? takenUp : {}) }).where(inArray(previews.id, ids)).returning({ told: notify('preview', '') });
}

/** Set aside no more: its attempts begin anew. */
const takenUp = { asideReason: null, asideAt: null, attempts: 0 };

/** What a kick sets. One that waits already keeps its place; during a pass the time is that of the next one. The counter is what `release` compares. */
export function kicked(look: boolean, now: Date, unless: Said | null = null) {
  const { dueAt, leaseUntil, kicks, claimedKicks, lookKick, lookUnless } = previews;
  const said = sql`${unless === null ? null : storableJson(unless)}::jsonb`;
  // The first that asks since the look that is under way, or since the last one.
  const first = sql`(not ${previews.look} or (${leaseUntil} > ${now.toISOString()}::timestamptz and ${lookKick} <= ${claimedKicks}))`;
  const at = sql`${now.toISOString()}::timestamptz`;
  return {
    dueAt: sql`case when ${leaseUntil} is null and ${dueAt} <= ${at} then ${dueAt} else ${at} end`,
    kicks: sql`${kicks} + 1`,
    ...(look ? { look: true, lookKick: sql`${kicks} + 1`, lookUnless: sql`case when ${first} or ${lookUnless} = ${said} then ${said} end` } : {}),
  };
}

function noHostLeft(projectId: number, ref: PreviewRef, hostLabels: readonly string[]): KosukeError {
  return new KosukeError({
    code: 'internal',
    fault: 'us',
    what: `No host is left for ${ref.kind} ${ref.kind === 'branch' ? ref.name : ref.number} of project ${projectId}`,
    why: `all of these are taken: ${hostLabels.join(', ')}`,
    next: 'Rename the branch.',
  });
}
