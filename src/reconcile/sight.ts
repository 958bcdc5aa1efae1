import { hostLabels } from '../domain/host.ts';
import type { Preview, PreviewRef, Project, PullRequest } from '../domain/preview.ts';
import { capacityOf } from '../domain/room.ts';
import type { Deps } from './deps.ts';
import type { RepositoryFacts } from './ports/code-host.ts';

/** The preview of a ref, made when there is none. */
export function ensurePreview(deps: Pick<Deps, 'store' | 'clock'>, projectId: number, ref: PreviewRef): Promise<Preview> {
  return deps.store.previews.ensure(projectId, ref, hostLabels(projectId, ref), deps.clock.now());
}

/** The preview that a pull request belongs to: its branch's, or, for a fork's, its own. */
export function refOf(pull: { number: number; headBranch: string; fork: boolean }): PreviewRef {
  return pull.fork ? { kind: 'pull', number: pull.number } : { kind: 'branch', name: pull.headBranch };
}

export function isAllowed(deps: Pick<Deps, 'config'>, owner: string): boolean {
  return deps.config.allowedAccounts?.has(owner.toLowerCase()) ?? true;
}

/** A push that shows a repository first: of its branch, `before` is recorded, or nothing when the push made the branch. */
export type FirstPush = { branch: string; before: string | null };

/**
 * The project of a repository, known and sighted. First sight records its heads, so that what was there before is not deployed; of its
 * open pull requests those with activity within EXPIRE_AFTER get a preview, newest first, while there is room, and the others are
 * left out until their head changes. One sighting at a time: who comes meanwhile waits for it.
 */
export async function ensureSighted(deps: Deps, repository: RepositoryFacts, pushed: FirstPush | null, signal: AbortSignal): Promise<Project> {
  const project = await keepProject(deps, repository);
  if (project.sighted) return project;
  const before = sighting.get(deps.store);
  const mine = (before ?? Promise.resolve()).then(() => sight(deps, repository, pushed, signal));
  sighting.set(deps.store, mine.catch(() => undefined));
  await mine;
  return project;
}

/** Sightings of one store wait for one another: each counts the room that the one before has taken. */
const sighting = new WeakMap<Deps['store'], Promise<unknown>>();

async function sight(deps: Deps, repository: RepositoryFacts, pushed: FirstPush | null, signal: AbortSignal): Promise<void> {
  const project = await deps.store.projects.ensure(repository, deps.clock.now());
  if (project.sighted) return;
  const [heads, pulls] = await Promise.all([deps.codeHost.heads(project, signal), deps.codeHost.openPulls(project, signal)]);
  const recorded = heads.filter((head) => head.branch !== pushed?.branch);
  if (pushed !== null && pushed.before !== null) recorded.push({ branch: pushed.branch, sha: pushed.before });

  const running = (await deps.store.previews.all()).filter((preview) => preview.wanted.run === 'running').length;
  await admit(deps, project, pulls, capacityOf(deps.config).count - running);
  if (!(await deps.store.projects.sight(project.id, recorded, deps.clock.now()))) return;
  deps.log.info({ project: project.id, repository: `${project.owner}/${project.name}`, branches: heads.length, pulls: pulls.length }, 'first sight of a repository');
  if (project.private) warnOfPrivate(deps, project);
}

/** The project of a repository as it is called now. One that has become private is warned of. */
export async function keepProject(deps: Deps, repository: RepositoryFacts): Promise<Project & { sighted: boolean }> {
  const before = await deps.store.projects.byRepositoryId(repository.repositoryId);
  const project = await deps.store.projects.ensure(repository, deps.clock.now());
  if (before !== null && before.sighted && !before.private && project.private) warnOfPrivate(deps, project);
  return project;
}

function warnOfPrivate(deps: Deps, project: Project): void {
  deps.log.warn({ project: project.id, repository: `${project.owner}/${project.name}` }, 'previews of this private repository are open to anyone who has or guesses their address');
}

/** `pulls`: newest first. A preview is admitted by any one of its pull requests; forks take no room. */
async function admit(deps: Deps, project: Project, pulls: readonly PullRequest[], free: number): Promise<void> {
  const since = deps.clock.now().getTime() - deps.config.expireAfterMs;
  const decided = new Set<number>();
  let room = free;
  for (const pull of pulls) {
    const preview = await ensurePreview(deps, project.id, refOf(pull));
    if (decided.has(preview.id)) continue;
    decided.add(preview.id);
    const admitted = pull.updatedAt.getTime() >= since && (pull.fork || room > 0);
    if (admitted && !pull.fork) room -= 1;
    if (!admitted && preview.wanted.run !== 'running') await deps.store.previews.setWill(preview.id, { leftOutSha: pull.headSha });
    await deps.store.previews.kick(preview.id, { look: true }, deps.clock.now());
  }
}
