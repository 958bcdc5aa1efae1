import { z } from 'zod';
import type { Project } from '../domain/preview.ts';
import { type Asker, ask } from './ask.ts';

/**
 * A new token that can read the contents of this one repository and nothing else, for an hour, and the address to fetch from,
 * without credentials. `app` speaks for the App itself; `webUrl` is e.g. `https://github.com`.
 */
export async function cloneAccess(app: Asker, webUrl: string, project: Project, signal: AbortSignal): Promise<{ url: string; token: string }> {
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
  const { token, repositories } = await ask(app, question, signal);
  const [{ name, owner }] = repositories;
  return { token, url: `${webUrl}/${encodeURIComponent(owner.login)}/${encodeURIComponent(name)}.git` };
}

/** The answer names the repository as it is called now. A token for any other is not one for us. */
function tokenShape(repositoryId: number) {
  const repository = z.object({ id: z.literal(repositoryId), name: z.string().min(1), owner: z.object({ login: z.string().min(1) }) });
  return z.object({ token: z.string().min(1), repositories: z.tuple([repository]) });
}
