import { and, desc, eq, inArray, notInArray, or, type SQL, sql } from 'drizzle-orm';
import { endedStates } from '../domain/deployment.ts';
import type { Deployments, Lease } from '../reconcile/ports/store.ts';
import type { Db, Handle } from './handle.ts';
import { isHeld } from './leases.ts';
import { toDeployment, toPreview } from './rows.ts';
import { deployments, previews, projects } from './schema.ts';
import { notify } from './signals.ts';

type Part = 'continueAbove' | 'create' | 'byId' | 'byLogToken' | 'ofPreview' | 'update' | 'goLive' | 'imageInUse';

const { id, previewId, state, image } = deployments;

/** The history of a preview, as passes write it; the builders' side is in builds.ts. */
export function makeDeployments({ db, transaction }: Handle): Pick<Deployments, Part> {
  return {
    continueAbove: (highest) =>
      transaction(async (tx) => {
        // Nobody takes an id meanwhile: the sequence could otherwise be set back below it.
        await tx.execute(sql`lock table ${deployments} in share row exclusive mode`);
        await tx.execute(sql`select setval('deployments_id_seq', ${highest}) from deployments_id_seq
          where ${highest} > case when is_called then last_value else 0 end`);
      }),

    async create(lease, { sha, redeployNo, pullNumber, noCache, logToken }, now) {
      const held = sql`update ${previews} set used_at = ${now.toISOString()}::timestamptz where ${isHeld(lease)} returning ${previews.id}`;
      const values = sql`select nextval('deployments_id_seq'), id, ${sha}, ${redeployNo}::integer, ${pullNumber}::integer,
        ${noCache}::boolean, ${logToken}, ${now.toISOString()}::timestamptz from held`;
      const columns = sql`(id, preview_id, sha, redeploy_no, pull_number, no_cache, log_token, created_at)`;
      const { rows } = await db.execute<{ id: string | number }>(
        sql`with held as (${held}) insert into ${deployments} ${columns} ${values} returning id, ${notify('build', sql`${id}`)}`,
      );
      return rows[0] === undefined ? null : deploymentWhere(db, eq(id, Number(rows[0].id)));
    },

    byId: (deploymentId) => deploymentWhere(db, eq(id, deploymentId)),

    async byLogToken(token) {
      const [row] = await db
        .select()
        .from(deployments)
        .innerJoin(previews, eq(previews.id, previewId))
        .innerJoin(projects, eq(projects.id, previews.projectId))
        .where(eq(deployments.logToken, token));
      if (row === undefined) return null;
      return { deployment: toDeployment(row.deployments), preview: toPreview(row.previews, row.projects) };
    },

    async ofPreview(ofId, limit = 10) {
      const live = sql`(select ${previews.liveDeploymentId} from ${previews} where ${previews.id} = ${ofId})`;
      const ended = inArray(state, [...endedStates]);
      const newest = db
        .select({ id })
        .from(deployments)
        .where(and(eq(previewId, ofId), ended, sql`${id} is distinct from ${live}`))
        .orderBy(desc(id))
        .limit(limit);
      const rows = await db
        .select()
        .from(deployments)
        .where(and(eq(previewId, ofId), or(notInArray(state, [...endedStates]), eq(id, live), inArray(id, newest))))
        .orderBy(desc(id));
      return rows.map(toDeployment);
    },

    async update(lease, deploymentId, change) {
      const held = db.$with('held').as(heldPreview(db, lease));
      const written = await db
        .with(held)
        .update(deployments)
        // A statement sets something even when nothing changes; who asks still learns whether the lease is held.
        .set({ ...change, previewId: lease.previewId })
        .from(held)
        .where(and(eq(id, deploymentId), eq(previewId, held.id)))
        .returning({ id, told: told(change.state), seen: seen() });
      return written.length > 0;
    },

    goLive: (lease, deploymentId, { readyAt, now }) =>
      transaction(async (tx) => {
        const [held] = await tx.select({ before: previews.liveDeploymentId }).from(previews).where(isHeld(lease)).for('update');
        if (held === undefined) return false;
        const ofThis = and(eq(id, deploymentId), eq(previewId, lease.previewId));
        await tx.update(deployments).set({ state: 'live', readyAt, switchedAt: now, failure: null, attempts: 0, retryAt: null }).where(ofThis).returning({ seen: seen() });
        if (held.before === deploymentId) return true;
        await tx.update(previews).set({ liveDeploymentId: deploymentId, crashCount: 0, lastCrashAt: null, updatedAt: now }).where(isHeld(lease));
        const before = and(eq(previewId, lease.previewId), eq(id, held.before ?? 0), notInArray(state, [...endedStates]));
        await tx.update(deployments).set({ state: 'superseded', endedAt: now }).where(before).returning({ seen: seen() });
        return true;
      }),

    async imageInUse(name, exceptIds) {
      const others = exceptIds.length === 0 ? undefined : notInArray(id, [...exceptIds]);
      const rows = await db
        .select({ id })
        .from(deployments)
        .where(and(eq(image, name), notInArray(state, [...endedStates]), others))
        .limit(1);
      return rows.length > 0;
    },
  };
}

/** The preview's row, locked against a new claim until the statement is done: nothing is written after the lease was taken over. */
function heldPreview(db: Db, lease: Lease) {
  return db.select({ id: previews.id }).from(previews).where(isHeld(lease)).for('share');
}

async function deploymentWhere(db: Db, condition: SQL) {
  const [row] = await db.select().from(deployments).where(condition);
  return row === undefined ? null : toDeployment(row);
}

/** Who looks on hears of every change. */
function seen(): SQL<string> {
  return notify('deployment', sql`${id}`);
}

/** Who waits for a change to this state. */
function told(to: string | undefined): SQL<string> {
  if (to === 'cancelled') return notify('cancel', sql`${id}`);
  if (to === 'queued') return notify('build', sql`${id}`);
  return sql<string>`''`;
}
