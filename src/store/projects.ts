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
      return sightedProject(known === null ? await create(transaction, facts, now) : await renew(db, facts, now));
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

/**
 * The number stands in every address of the project, so it is the next one, not a sequence's: a sequence leaves gaps of 32 when the
 * database was killed. Who makes another project meanwhile waits.
 */
function create(transaction: Handle['transaction'], facts: RepositoryFacts, now: Date): Promise<ProjectRow> {
  return transaction(async (tx) => {
    await tx.execute(sql`lock table ${projects} in share row exclusive mode`);
    if ((await byRepositoryId(tx, facts.repositoryId)) !== null) return renew(tx, facts, now);
    const next = sql<number>`(select coalesce(max(id), 0) + 1 from ${projects})`;
    const [row] = await tx.insert(projects).values({ id: next, repositoryId: facts.repositoryId, ...current(facts, now), createdAt: now }).returning();
    return one(row, facts);
  });
}

async function renew(db: Db, facts: RepositoryFacts, now: Date): Promise<ProjectRow> {
  const [row] = await db.update(projects).set(current(facts, now)).where(eq(projects.repositoryId, facts.repositoryId)).returning();
  return one(row, facts);
}

function current({ installationId, owner, name, private: isPrivate, defaultBranch }: RepositoryFacts, updatedAt: Date) {
  return { installationId, owner, name, private: isPrivate, defaultBranch, updatedAt };
}

function one(row: ProjectRow | undefined, { repositoryId }: RepositoryFacts): ProjectRow {
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
