import { hostLabels } from '../domain/host.ts';
import type { Preview, PreviewRef, Project, PullRequest } from '../domain/preview.ts';
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

/**
 * The project of a repository, known and sighted. First sight records its heads, so that what was there before is not deployed; of its
 * open pull requests those with activity within EXPIRE_AFTER get a preview, newest first, while there is room, and the others are
 * left out until their head changes. `pushed` is a push that shows the repository first: of its branch, `before` is recorded.
 */
export async function ensureSighted(
  deps: Deps,
  repository: RepositoryFacts,
  pushed: { branch: string; before: string | null } | null,
  signal: AbortSignal,
): Promise<Project> {
  const project = await deps.store.projects.ensure(repository, deps.clock.now());
  if (project.sighted) return project;
  const [heads, pulls] = await Promise.all([deps.codeHost.heads(project, signal), deps.codeHost.openPulls(project, signal)]);
  const recorded = heads.filter((head) => head.branch !== pushed?.branch);
  if (pushed !== null && pushed.before !== null) recorded.push({ branch: pushed.branch, sha: pushed.before });

  const running = (await deps.store.previews.all()).filter((preview) => preview.wanted.run === 'running').length;
  const since = deps.clock.now().getTime() - deps.config.expireAfterMs;
  await previewsOf(deps, project, pulls, { since, room: deps.config.maxPreviews - running });
  if (await deps.store.projects.sight(project.id, recorded, deps.clock.now())) {
    deps.log.info({ project: project.id, repository: `${project.owner}/${project.name}`, branches: heads.length, pulls: pulls.length }, 'first sight of a repository');
    if (project.private) {
      deps.log.warn({ project: project.id, repository: `${project.owner}/${project.name}` }, 'previews of this private repository are open to anyone who has or guesses their address');
    }
  }
  return project;
}

async function previewsOf(deps: Deps, project: Project, pulls: readonly PullRequest[], limits: { since: number; room: number }): Promise<void> {
  let room = limits.room;
  for (const pull of pulls) {
    const preview = await ensurePreview(deps, project.id, refOf(pull));
    const wanted = pull.updatedAt.getTime() >= limits.since && room > 0;
    if (wanted) room -= 1;
    else await deps.store.previews.setWill(preview.id, { leftOutSha: pull.headSha });
    await deps.store.previews.kick(preview.id, { look: true }, deps.clock.now());
  }
}
