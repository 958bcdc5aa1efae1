import { z } from 'zod';
import type { Project } from '../domain/preview.ts';
import type { CloneAccess } from '../reconcile/ports/code-host.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import { type Asker, ask } from './ask.ts';

/**
 * Tokens for fetching, one for each repository, kept in memory until ten minutes before they expire: longer than a fetch may take.
 * `app` speaks for the App itself; `webUrl` is e.g. `https://github.com`.
 */
export function createCloneAccess(app: Asker, webUrl: string, clock: Pick<Clock, 'now'>): (project: Project, signal: AbortSignal, options?: { fresh?: boolean }) => Promise<CloneAccess> {
  const kept = new Map<string, { access: CloneAccess; until: number }>();
  return async (project, signal, { fresh = false } = {}) => {
    const now = clock.now().getTime();
    for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
    // By all that a token and its address depend on: a renamed or transferred repository is asked for anew.
    const key = JSON.stringify([project.installationId, project.repositoryId, project.owner, project.name]);
    const known = kept.get(key);
    if (known !== undefined && !fresh) return { ...known.access, kept: true };
    const { access, expiresAt } = await newAccess(app, webUrl, project, signal);
    kept.set(key, { access, until: expiresAt.getTime() - marginMs });
    return access;
  };
}

/**
 * A new token that can read the contents of this one repository and nothing else, for an hour, and the address to fetch from,
 * without credentials.
 */
async function newAccess(app: Asker, webUrl: string, project: Project, signal: AbortSignal): Promise<{ access: CloneAccess; expiresAt: Date }> {
  const question = {
    what: `GitHub did not give a token for fetching ${project.owner}/${project.name}`,
    route: 'POST /app/installations/{installation_id}/access_tokens',
    parameters: {
      installation_id: project.installationId,
      repository_ids: [project.repositoryId],
      permissions: { contents: 'read' },
    },
    shape: tokenShape(project.repositoryId),
  };
  const { token, expires_at: expiresAt, repositories } = await ask(app, question, signal);
  const [{ name, owner }] = repositories;
  const url = `${webUrl}/${encodeURIComponent(owner.login)}/${encodeURIComponent(name)}.git`;
  return { access: { url, token, kept: false }, expiresAt: new Date(expiresAt) };
}

/** The answer names the repository as it is called now. A token for any other is not one for us. */
function tokenShape(repositoryId: number) {
  const repository = z.object({ id: z.literal(repositoryId), name: z.string().min(1), owner: z.object({ login: z.string().min(1) }) });
  return z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }), repositories: z.tuple([repository]) });
}

const marginMs = 10 * 60_000;
