import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Project } from '../domain/preview.ts';
import type { RepositoryFacts } from '../reconcile/ports/code-host.ts';
import type { Projects } from '../reconcile/ports/store.ts';
import { storableJson } from './columns.ts';
import type { Db, Handle } from './handle.ts';
import { type ProjectRow, toProject } from './rows.ts';
import { heads, projects } from './schema.ts';

export function makeProjects({ db, transaction }: Handle): Projects {
  return {
    async ensure(facts, now) {
      const known = await byRepositoryId(db, facts.repositoryId);
      if (known !== null && sameFacts(known, facts)) return sightedProject(known);
      return sightedProject(await write(db, facts, now, known !== null));
    },

    async byRepositoryId(repositoryId) {
      const row = await byRepositoryId(db, repositoryId);
      return row === null ? null : sightedProject(row);
    },

    async all() {
      const rows = await db.select().from(projects).orderBy(asc(projects.id));
      return rows.map(sightedProject);
    },

    sight: (projectId, seen, now) =>
      transaction(async (tx) => {
        const first = await tx
          .update(projects)
          .set({ sightedAt: now })
          .where(and(eq(projects.id, projectId), isNull(projects.sightedAt)))
          .returning({ id: projects.id });
        if (first.length === 0) return false;
        await tx.execute(sql`insert into ${heads} (project_id, branch, sha)
          select ${projectId}::integer, branch, sha from jsonb_to_recordset(${storableJson(seen)}::jsonb) as seen (branch text, sha text)
          on conflict do nothing`);
        return true;
      }),

    async firstHead(projectId, branch) {
      const [row] = await db
        .select({ sha: heads.sha })
        .from(heads)
        .where(and(eq(heads.projectId, projectId), eq(heads.branch, branch)));
      return row?.sha ?? null;
    },
  };
}

async function byRepositoryId(db: Db, repositoryId: number): Promise<ProjectRow | null> {
  const [row] = await db.select().from(projects).where(eq(projects.repositoryId, repositoryId));
  return row ?? null;
}

/** An insert that meets a conflict uses up an id all the same; so one is tried only for a repository that was not there a moment ago. */
async function write(db: Db, facts: RepositoryFacts, now: Date, known: boolean): Promise<ProjectRow> {
  const { repositoryId, installationId, owner, name, defaultBranch } = facts;
  const current = { installationId, owner, name, private: facts.private, defaultBranch, updatedAt: now };
  const [row] = known
    ? await db.update(projects).set(current).where(eq(projects.repositoryId, repositoryId)).returning()
    : await db
        .insert(projects)
        .values({ repositoryId, ...current, createdAt: now })
        .onConflictDoUpdate({ target: projects.repositoryId, set: current })
        .returning();
  if (row === undefined) throw new Error(`the project of repository ${repositoryId} vanished`);
  return row;
}

function sameFacts(row: ProjectRow, facts: RepositoryFacts): boolean {
  const { installationId, owner, name, defaultBranch } = row;
  return (
    installationId === facts.installationId &&
    owner === facts.owner &&
    name === facts.name &&
    row.private === facts.private &&
    defaultBranch === facts.defaultBranch
  );
}

function sightedProject(row: ProjectRow): Project & { sighted: boolean } {
  return { ...toProject(row), sighted: row.sightedAt !== null };
}
