import { z } from 'zod';
import type { Project, PullRequest } from '../domain/preview.ts';
import type { Installation, RepositoryFacts } from '../reconcile/ports/code-host.ts';
import { type Asker, ask, askAll, unlessMissing } from './ask.ts';
import { repositoryFacts, repositoryShape } from './payloads.ts';
import { commitShape, installationShape, pullRequest, pullShape } from './shapes.ts';
import { unreadable } from './trouble.ts';

/** Every installation of the App, suspended ones too. */
export async function listInstallations(app: Asker, signal: AbortSignal): Promise<Installation[]> {
  const what = 'GitHub did not list the installations of the App';
  const pages = await askAll(app, { what, route: 'GET /app/installations', shape: z.array(installationShape) }, signal);
  return pages.flat().map(installation);
}

/** `null` when it is deleted. */
export async function readInstallation(app: Asker, installationId: number, signal: AbortSignal): Promise<Installation | null> {
  const question = {
    what: `GitHub did not give the installation ${installationId}`,
    route: 'GET /app/installations/{installation_id}',
    parameters: { installation_id: installationId },
    shape: installationShape,
  };
  const found = await unlessMissing(ask(app, question, signal));
  return found && installation(found);
}

/**
 * The repositories of an installation. A list that changed while it was read, so that one may have slipped from a page to the
 * one before, is an error: what it lacks would prove nothing.
 */
export async function listRepositories(octokit: Asker, installationId: number, signal: AbortSignal): Promise<RepositoryFacts[]> {
  const what = `GitHub did not list the repositories of installation ${installationId}`;
  const pages = await askAll(octokit, { what, route: 'GET /installation/repositories', shape: repositoriesShape }, signal);
  const repositories = new Map(pages.flatMap((page) => page.repositories).map((repository) => [repository.id, repository]));
  if (pages.some((page) => page.total_count !== repositories.size)) throw unreadable(what, 'the list changed while it was read');
  return [...repositories.values()].map((repository) => repositoryFacts(repository, installationId));
}

export async function listHeads(octokit: Asker, project: Project, signal: AbortSignal): Promise<{ branch: string; sha: string }[]> {
  const what = `GitHub did not list the branches of ${project.owner}/${project.name}`;
  const parameters = { owner: project.owner, repo: project.name };
  const pages = await askAll(octokit, { what, route: 'GET /repos/{owner}/{repo}/branches', parameters, shape: branchesShape }, signal);
  return pages.flat().map(({ name, commit }) => ({ branch: name, sha: commit.sha }));
}

/** Open pull requests into the repository, forks' too, most recently updated first. */
export async function listOpenPulls(octokit: Asker, project: Project, signal: AbortSignal): Promise<PullRequest[]> {
  const what = `GitHub did not list the open pull requests of ${project.owner}/${project.name}`;
  const parameters = { owner: project.owner, repo: project.name, state: 'open', sort: 'updated', direction: 'desc' };
  const pages = await askAll(octokit, { what, route: 'GET /repos/{owner}/{repo}/pulls', parameters, shape: z.array(pullShape) }, signal);
  const pulls = new Map(pages.flat().map((pull) => [pull.number, pullRequest(pull, project.repositoryId)]));
  return [...pulls.values()];
}

const repositoriesShape = z.object({ total_count: z.int(), repositories: z.array(repositoryShape) });
const branchesShape = z.array(z.object({ name: z.string().min(1), commit: z.object({ sha: commitShape }) }));

function installation({ id, account, suspended_at }: z.infer<typeof installationShape>): Installation {
  return { id, account: 'login' in account ? account.login : account.slug, suspended: typeof suspended_at === 'string' };
}
