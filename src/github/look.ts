import type { PreviewRef, Project } from '../domain/preview.ts';
import type { RepositoryFacts, Truth } from '../reconcile/ports/code-host.ts';
import type { Asker } from './ask.ts';
import { listRepositories, readInstallation } from './lists.ts';
import { readClosedHeads, readCovering, readHead, readOpenPulls, readPull, readRepository } from './reads.ts';
import { pullRequest } from './shapes.ts';
import { refusalOf, unreadable } from './trouble.ts';

/** A ref, and the pull requests of it that were open when it was looked at before. */
export type LookedFor = { ref: PreviewRef; openBefore: readonly number[] };

export type Octokits = { octokitFor: (installationId: number) => Asker; appOctokit: Asker };

/**
 * Reads all that decides about one ref, side by side: the repository, whether our installation covers it, and the ref with its
 * pull requests. What is missing is believed only with its proof:
 *
 * | missing | proof |
 * |---|---|
 * | branch, pull request | 404 while its repository, read after it, is 200 and still has the name that was asked |
 * | pull request in the list of open ones | read by itself it is not open |
 * | repository | 404, 403 or 451, or not covered, while its installation is 200 and its list of repositories, read to the end, lacks it; the App is told of no other installation that has it, nor that this one still does |
 * | installation | 404 to the App itself, and no other installation has the repository |
 *
 * A repository that was transferred is looked at through the installation that has it now. Rejects with `KosukeError` (retry) when there
 * is no clear answer.
 */
export async function look(github: Octokits, project: Project, of: LookedFor, signal: AbortSignal): Promise<Truth> {
  const here = await lookFrom(github, project, of, signal);
  return 'doubt' in here ? lookWithout(github, here.project, of, here.doubt, signal) : here;
}

/** What was in the way of a look: GitHub said no, or does not name our installation for the repository. `project`: as it is called now, as far as known. */
type Doubtful = { doubt: unknown; project: Project };

async function lookFrom(github: Octokits, project: Project, of: LookedFor, signal: AbortSignal): Promise<Truth | Doubtful> {
  try {
    return await lookAt(github, project, of, signal);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal || ![401, 403, 404, 451].includes(refusal.status)) throw error;
    return { doubt: error, project };
  }
}

async function lookAt(github: Octokits, project: Project, of: LookedFor, signal: AbortSignal): Promise<Truth | Doubtful> {
  const octokit = github.octokitFor(project.installationId);
  const [repository, covering, seen] = await together(
    readRepository(octokit, project, signal),
    readCovering(github.appOctokit, project, signal),
    readRef(octokit, project, of, signal),
  );
  if (!sameName(repository, project)) return lookAt(github, renamed(project, repository), of, signal);
  if (covering !== project.installationId) return { doubt: notCovered(project), project };
  if (seen.headSha === null) {
    const after = await readRepository(octokit, project, signal);
    if (!sameName(after, project)) return lookAt(github, renamed(project, after), of, signal);
  }
  await assertListed(octokit, project, of, seen, signal);
  return { installation: 'active', repository, ...seen };
}

function notCovered({ owner, name, installationId }: Project): unknown {
  const what = `GitHub did not say clearly whether ${owner}/${name} is still there`;
  return unreadable(what, `it names no longer installation ${installationId} for it, but lists it there`);
}

type Seen = Pick<Truth, 'headSha' | 'openPulls' | 'closedPullHeads'>;

async function readRef(octokit: Asker, project: Project, { ref }: LookedFor, signal: AbortSignal): Promise<Seen> {
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

/** A list may be answered in part, or empty, when GitHub is in trouble: a pull request that was open counts as closed when it says so itself. */
async function assertListed(octokit: Asker, project: Project, { ref, openBefore }: LookedFor, seen: Seen, signal: AbortSignal): Promise<void> {
  if (ref.kind === 'pull') return;
  for (const number of openBefore) {
    if (seen.openPulls.some((listed) => listed.number === number)) continue;
    const pull = await readPull(octokit, project, number, signal);
    if (pull?.state !== 'open' || pull.head.ref !== ref.name || pull.head.repo?.id !== project.repositoryId) continue;
    throw unreadable(`GitHub did not list the pull requests of branch ${ref.name} of ${project.owner}/${project.name}`, `#${number} is open, and not in the list`);
  }
}

/** Something was refused: finds out what is gone or where it went, or rejects with the doubt when nothing is proved. */
async function lookWithout(github: Octokits, project: Project, of: LookedFor, doubt: unknown, signal: AbortSignal): Promise<Truth> {
  const installation = await readInstallation(github.appOctokit, project.installationId, signal);
  if (installation?.suspended) return suspended;
  // Asked by its former name GitHub answers for where it is now; but that name may belong to another repository by now.
  const covering = await readCovering(github.appOctokit, project, signal);
  const there = covering === null || covering === project.installationId ? null : await lookThere(github, { ...project, installationId: covering }, of, signal);
  if (there?.installation === 'active') return there;
  if (installation !== null) await assertGone(github, project, covering, doubt, signal);
  if (there !== null) return there;
  return { installation: installation === null ? 'deleted' : 'active', repository: null, ...nothing };
}

/** The ref through another installation: `null` when that does not have the repository. Of a suspended one nothing more can be known. */
async function lookThere(github: Octokits, project: Project, of: LookedFor, signal: AbortSignal): Promise<Truth | null> {
  const there = await lookFrom(github, project, of, signal);
  if (!('doubt' in there)) return there;
  const installation = await readInstallation(github.appOctokit, project.installationId, signal);
  return installation?.suspended ? suspended : null;
}

/**
 * Rejects with the doubt unless the installation no longer has the repository: its list lacks it, and when GitHub still names the installation
 * for that name, it is because the list has another repository of that name.
 */
async function assertGone(github: Octokits, project: Project, covering: number | null, doubt: unknown, signal: AbortSignal): Promise<void> {
  const octokit = github.octokitFor(project.installationId);
  const covered = covering === project.installationId;
  if (covered && (await isReadable(octokit, project, signal))) throw doubt;
  const listed = await listRepositories(octokit, project.installationId, signal);
  if (listed.some(({ repositoryId }) => repositoryId === project.repositoryId)) throw doubt;
  if (covered && !listed.some((repository) => isCalled(repository, project))) throw doubt;
}

const nothing = { headSha: null, openPulls: [], closedPullHeads: [] };
const suspended: Truth = { installation: 'suspended', repository: 'unknown', ...nothing };

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

/** GitHub keeps the case of names and does not tell them apart by it. */
function isCalled(repository: RepositoryFacts, { owner, name }: Project): boolean {
  return `${repository.owner}/${repository.name}`.toLowerCase() === `${owner}/${name}`.toLowerCase();
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
