import { and, asc, eq, isNull, lte, min, or, sql } from 'drizzle-orm';
import type { CommentJob, Reports } from '../reconcile/ports/store.ts';
import type { Db } from './handle.ts';
import { toProject } from './rows.ts';
import { comments, previews, projects } from './schema.ts';
import { notify } from './signals.ts';

type Part = 'wishComment' | 'thaw' | 'wishedComments' | 'claimComment' | 'finishComment';

const { projectId, pull, wishedBody, writtenBody, frozen, wishedAt, notBefore, leaseNo, leaseUntil, attempts } = comments;

/** What our comments should say, and the queue of those that do not yet. */
export function makeComments(db: Db): Pick<Reports, Part> {
  return {
    async wishComment(previewId, pullNumber, body, wish, now) {
      const wished = sql`select ${previews.projectId}, ${pullNumber}::integer, ${previews.id}, ${body}, ${wish.frozen}::boolean, ${now.toISOString()}::timestamptz
        from ${previews} where ${previews.id} = ${previewId}`;
      await db.execute(sql`insert into ${comments} (project_id, pull, preview_id, wished_body, frozen, wished_at) ${wished}
        on conflict (project_id, pull) do update set
          preview_id = excluded.preview_id, wished_body = excluded.wished_body, frozen = excluded.frozen, wished_at = excluded.wished_at
        where not ${frozen} and (${wishedBody} <> excluded.wished_body or excluded.frozen or ${comments.previewId} <> excluded.preview_id)
        returning case when ${unwritten} then ${notify('comment', '')} end`);
    },

    async thaw(ofProject, pullNumber) {
      await db.update(comments).set({ frozen: false }).where(and(eq(projectId, ofProject), eq(pull, pullNumber)));
    },

    async wishedComments(previewId) {
      return db.select({ pull, body: wishedBody, frozen }).from(comments).where(eq(comments.previewId, previewId)).orderBy(asc(pull));
    },

    async claimComment(now, leaseMs) {
      const oldest = db
        .select({ projectId, pull })
        .from(comments)
        .where(and(unwritten, or(isNull(notBefore), lte(notBefore, now)), or(isNull(leaseUntil), lte(leaseUntil, now))))
        .orderBy(asc(wishedAt))
        .limit(1)
        .for('update', { skipLocked: true });
      const [row] = await db
        .update(comments)
        .set({ leaseNo: sql`${leaseNo} + 1`, leaseUntil: new Date(now.getTime() + leaseMs) })
        .from(projects)
        .where(and(sql`(${projectId}, ${pull}) = (${oldest})`, eq(projects.id, projectId)))
        .returning();
      if (row === undefined) return null;
      const { previewId, commentId, wishedBody: body } = row;
      return { previewId, project: toProject(row.projects), pull: row.pull, commentId, body, leaseNo: row.leaseNo, attempts: row.attempts };
    },

    async finishComment(job, written, next) {
      const outcome =
        written === null
          ? { attempts: sql`${attempts} + 1` }
          : { attempts: 0, commentId: written.commentId, writtenBody: written.body };
      await db
        .update(comments)
        .set({ ...outcome, notBefore: next, leaseUntil: null })
        .where(isOfJob(job));
    },
  };
}

/** The earliest time at which a comment may be written. */
export async function nextCommentDue(db: Db): Promise<Date | null> {
  const due = sql`greatest(${wishedAt}, ${notBefore}, ${leaseUntil})`;
  const [row] = await db.select({ at: min(due).mapWith(wishedAt) }).from(comments).where(unwritten);
  return row?.at ?? null;
}

/** As the partial index says it. */
export const unwritten = sql`${wishedBody} is distinct from ${writtenBody}`;

function isOfJob(job: CommentJob) {
  return and(eq(projectId, job.project.id), eq(pull, job.pull), eq(leaseNo, job.leaseNo));
}
