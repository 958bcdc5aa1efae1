import { z } from 'zod';
import type { Project, PullRequest } from '../domain/preview.ts';
import type { RepositoryFacts } from '../reconcile/ports/code-host.ts';
import { type Asker, ask, askAll, unlessMissing } from './ask.ts';
import { repositoryFacts, repositoryShape } from './payloads.ts';
import { commitShape, type Pull, pullRequest, pullShape } from './shapes.ts';
import { unreadable } from './trouble.ts';

/** A repository by its number, which survives renames and transfers; its name may belong to another one by now. */
export async function readRepository(octokit: Asker, project: Project, signal: AbortSignal): Promise<RepositoryFacts> {
  const question = {
    what: `GitHub did not give the repository ${project.owner}/${project.name}`,
    route: 'GET /repositories/{repository_id}',
    parameters: { repository_id: project.repositoryId },
    shape: repositoryShape,
  };
  return repositoryFacts(await ask(octokit, question, signal), project.installationId);
}

/**
 * The installation that has the repository of that name; `null` when GitHub answers 404. A public repository can be read without being
 * covered, so reading it proves nothing. `app` speaks for the App itself.
 */
export async function readCovering(app: Asker, project: Project, signal: AbortSignal): Promise<number | null> {
  const question = {
    what: `GitHub did not say which installation covers ${project.owner}/${project.name}`,
    route: 'GET /repos/{owner}/{repo}/installation',
    parameters: { owner: project.owner, repo: project.name },
    shape: z.object({ id: z.int() }),
  };
  const found = await unlessMissing(ask(app, question, signal));
  return found?.id ?? null;
}

/** The commit of a branch, `null` when GitHub answers 404. The ref is asked for, since a branch's own address follows renames. */
export async function readHead(octokit: Asker, project: Project, branch: string, signal: AbortSignal): Promise<string | null> {
  const what = `GitHub did not give the branch ${branch} of ${project.owner}/${project.name}`;
  const question = {
    what,
    route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
    parameters: { owner: project.owner, repo: project.name, ref: `heads/${branch}` },
    shape: z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: commitShape }) }),
  };
  const found = await unlessMissing(ask(octokit, question, signal));
  if (found && (found.ref !== `refs/heads/${branch}` || found.object.type !== 'commit')) throw unreadable(what, 'it answered with another ref');
  return found ? found.object.sha : null;
}

/** git's hash of a commit's tree. */
export async function readTree(octokit: Asker, project: Project, sha: string, signal: AbortSignal): Promise<string> {
  const question = {
    what: `GitHub did not give the commit ${sha.slice(0, 7)} of ${project.owner}/${project.name}`,
    route: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
    parameters: { owner: project.owner, repo: project.name, commit_sha: sha },
    shape: z.object({ sha: z.literal(sha), tree: z.object({ sha: commitShape }) }),
  };
  return (await ask(octokit, question, signal)).tree.sha;
}

/** Open pull requests from a branch of the repository itself, lowest number first. */
export async function readOpenPulls(octokit: Asker, project: Project, branch: string, signal: AbortSignal): Promise<PullRequest[]> {
  const question = pullsFrom(project, branch, { state: 'open' });
  const pulls = (await askAll(octokit, question, signal)).flat().filter(isFrom(project, branch));
  const byNumber = new Map(pulls.map((pull) => [pull.number, pullRequest(pull, project.repositoryId)]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/** Head commits of the branch's closed and merged pull requests: of the 100 that changed last. */
export async function readClosedHeads(octokit: Asker, project: Project, branch: string, signal: AbortSignal): Promise<string[]> {
  const question = pullsFrom(project, branch, { state: 'closed', sort: 'updated', direction: 'desc', per_page: 100 });
  const pulls = (await ask(octokit, question, signal)).filter(isFrom(project, branch));
  return [...new Set(pulls.map((pull) => pull.head.sha))];
}

/** One pull request; `null` when GitHub answers 404. */
export async function readPull(octokit: Asker, project: Project, number: number, signal: AbortSignal): Promise<Pull | null> {
  const question = {
    what: `GitHub did not give the pull request ${project.owner}/${project.name}#${number}`,
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    parameters: { owner: project.owner, repo: project.name, pull_number: number },
    shape: pullShape,
  };
  return unlessMissing(ask(octokit, question, signal));
}

function pullsFrom(project: Project, branch: string, parameters: Record<string, unknown>) {
  return {
    what: `GitHub did not list the pull requests of branch ${branch} of ${project.owner}/${project.name}`,
    route: 'GET /repos/{owner}/{repo}/pulls',
    parameters: { owner: project.owner, repo: project.name, head: `${project.owner}:${branch}`, ...parameters },
    shape: z.array(pullShape),
  };
}

/** GitHub's filter goes by account and branch, which a fork in the same account matches too. */
function isFrom(project: Project, branch: string): (pull: Pull) => boolean {
  return ({ head }) => head.ref === branch && head.repo?.id === project.repositoryId;
}
