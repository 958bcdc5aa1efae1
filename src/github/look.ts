import type { PreviewRef, Project } from '../domain/preview.ts';
import type { RepositoryFacts, Truth } from '../reconcile/ports/code-host.ts';
import type { Asker } from './ask.ts';
import { listRepositories, readInstallation } from './lists.ts';
import { isCovered, readClosedHeads, readHead, readOpenPulls, readPull, readRepository } from './reads.ts';
import { pullRequest } from './shapes.ts';
import { refusalOf, unreadable } from './trouble.ts';

export type Octokits = { octokitFor: (installationId: number) => Asker; appOctokit: Asker };

/**
 * Reads all that decides about one ref, side by side: the repository, whether our installation covers it, and the ref with its
 * pull requests. What is missing is believed only with its proof:
 *
 * | missing | proof |
 * |---|---|
 * | branch, pull request | 404 while its repository, read after it, is 200 and still has the name that was asked |
 * | repository | 404, 403 or 451, or not covered, while its installation is 200 and its list of repositories, read to the end, lacks it |
 * | installation | 404 to the App itself |
 *
 * Rejects with `KosukeError` (retry) when there is no clear answer.
 */
export async function look(github: Octokits, project: Project, ref: PreviewRef, signal: AbortSignal): Promise<Truth> {
  let doubt: unknown;
  try {
    const truth = await lookAt(github, project, ref, signal);
    if (truth !== 'not-covered') return truth;
    doubt = unreadable(
      `GitHub did not say clearly whether ${project.owner}/${project.name} is still there`,
      `it names no longer installation ${project.installationId} for it, but lists it there`,
    );
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal || ![401, 403, 404, 451].includes(refusal.status)) throw error;
    doubt = error;
  }
  return lookWithout(github, project, doubt, signal);
}

async function lookAt(github: Octokits, project: Project, ref: PreviewRef, signal: AbortSignal): Promise<Truth | 'not-covered'> {
  const octokit = github.octokitFor(project.installationId);
  const [repository, covered, seen] = await together(
    readRepository(octokit, project, signal),
    isCovered(github.appOctokit, project, signal),
    readRef(octokit, project, ref, signal),
  );
  if (!sameName(repository, project)) return lookAt(github, renamed(project, repository), ref, signal);
  if (!covered) return 'not-covered';
  if (seen.headSha === null) {
    const after = await readRepository(octokit, project, signal);
    if (!sameName(after, project)) return lookAt(github, renamed(project, after), ref, signal);
  }
  return { installation: 'active', repository, ...seen };
}

type Seen = Pick<Truth, 'headSha' | 'openPulls' | 'closedPullHeads'>;

async function readRef(octokit: Asker, project: Project, ref: PreviewRef, signal: AbortSignal): Promise<Seen> {
  if (ref.kind === 'pull') {
    const pull = await readPull(octokit, project, ref.number, signal);
    if (!pull) return { headSha: null, openPulls: [], closedPullHeads: [] };
    const open = pull.state === 'open';
    return {
      headSha: pull.head.sha,
      openPulls: open ? [pullRequest(pull, project.repositoryId)] : [],
      closedPullHeads: open ? [] : [pull.head.sha],
    };
  }
  const [headSha, openPulls] = await together(
    readHead(octokit, project, ref.name, signal),
    readOpenPulls(octokit, project, ref.name, signal),
  );
  const closedPullHeads = openPulls.length === 0 ? await readClosedHeads(octokit, project, ref.name, signal) : [];
  return { headSha, openPulls, closedPullHeads };
}

/** Something was refused: finds out what is gone, or rejects with the doubt when nothing is proved. */
async function lookWithout(github: Octokits, project: Project, doubt: unknown, signal: AbortSignal): Promise<Truth> {
  const nothing = { headSha: null, openPulls: [], closedPullHeads: [] };
  let installation;
  try {
    installation = await readInstallation(github.appOctokit, project.installationId, signal);
  } catch (error) {
    if (refusalOf(error)?.status === 404) return { installation: 'deleted', repository: null, ...nothing };
    throw error;
  }
  if (installation.suspended) return { installation: 'suspended', repository: 'unknown', ...nothing };

  const octokit = github.octokitFor(project.installationId);
  if ((await isReadable(octokit, project, signal)) && (await isCovered(github.appOctokit, project, signal))) throw doubt;
  const listed = await listRepositories(octokit, project.installationId, signal);
  if (listed.some(({ repositoryId }) => repositoryId === project.repositoryId)) throw doubt;
  return { installation: 'active', repository: null, ...nothing };
}

async function isReadable(octokit: Asker, project: Project, signal: AbortSignal): Promise<boolean> {
  try {
    await readRepository(octokit, project, signal);
    return true;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.of === 'request' && [403, 404, 451].includes(refusal.status)) return false;
    throw error;
  }
}

function sameName(repository: RepositoryFacts, project: Project): boolean {
  return repository.owner === project.owner && repository.name === project.name;
}

function renamed(project: Project, { owner, name }: RepositoryFacts): Project {
  return { ...project, owner, name };
}

/** `Promise.all` that, when one fails, rejects only after all have ended, so that nothing goes on behind the caller's back. */
async function together<T extends readonly unknown[]>(...promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return Promise.all(promises) as Promise<T>;
}
