import type { Deps } from './deps.ts';
import type { Intent } from './intent-types.ts';
import type { Preview, PreviewRef, Project } from '../domain/preview.ts';
import { ignoredBranch } from '../domain/wanted.ts';
import { ensurePreview, ensureSighted, isAllowed, keepProject, refOf } from './sight.ts';
import { sweepInstallation } from './sweep.ts';

/**
 * What webhooks change: rows exist, what people decided is lifted where the event lifts it, and the preview is kicked to look at
 * GitHub again. Nothing is concluded from a payload but which preview to look at.
 */
export function createIntent(deps: Deps): Intent {
  const { previews, projects } = deps.store;
  const limit = () => AbortSignal.timeout(handlingLimitMs);
  /** Not of what is wanted already, nor what a person or first sight left out; and what was built of the same tree needs no fetch. */
  const fetchAhead = (project: Project, { ref, wanted, will }: Preview, sha: string) => {
    const tree = deps.knownTrees.get(sha);
    const known = tree !== undefined && deps.knownImages.get(project.id, tree) !== undefined;
    const leftOut = [will.removedSha, will.leftOutSha, will.expiredSha].includes(sha) || (ref.kind === 'branch' && ignoredBranch(ref.name));
    if (!known && !leftOut && wanted.sha !== sha) deps.ahead.begin(project, sha);
  };

  return {
    async pushed({ repository, branch, before, after, created, deleted, tree }) {
      if (!isAllowed(deps, repository.owner)) return;
      const project = await ensureSighted(deps, repository, { branch, before: created ? null : before }, limit());
      if (deleted) return kickKnown(deps, project.id, { kind: 'branch', name: branch });
      if (tree !== null) deps.knownTrees.set(after, tree);
      const preview = await ensurePreview(deps, project.id, { kind: 'branch', name: branch });
      await previews.kick(preview.id, { look: true, unless: { sha: after, pull: null }, takeUp: true }, deps.clock.now());
      fetchAhead(project, preview, after);
    },

    async pullChanged({ repository, pull, action, reopened }) {
      if (!isAllowed(deps, repository.owner)) return;
      const project = await ensureSighted(deps, repository, null, limit());
      const ref = refOf(pull);
      const preview = await ensurePreview(deps, project.id, ref);
      if (reopened) {
        await previews.setWill(preview.id, { removedSha: null, leftOutSha: null, expiredSha: null });
      }
      const unless = action === 'synchronize' ? { sha: pull.headSha, pull: pull.number } : null;
      await previews.kick(preview.id, { look: true, unless, takeUp: true }, deps.clock.now());
      if (!pull.fork && action !== 'closed') fetchAhead(project, preview, pull.headSha);
    },

    async branchChanged({ repository, branch }) {
      if (!isAllowed(deps, repository.owner)) return;
      const project = await projects.byRepositoryId(repository.repositoryId);
      if (project !== null) await kickKnown(deps, project.id, { kind: 'branch', name: branch });
    },

    async repositoryChanged({ repository, change }) {
      const known = await projects.byRepositoryId(repository.repositoryId);
      if (known === null) return;
      const project = change === 'deleted' ? known : await keepProject(deps, repository);
      await previews.kickProject(project.id, { look: true }, deps.clock.now());
    },

    async installationChanged({ installationId, change }) {
      if (change === 'created' || change === 'unsuspend') await sweepInstallation(deps, installationId, limit());
      for (const project of await projects.all()) {
        if (project.installationId === installationId) await previews.kickProject(project.id, { look: true }, deps.clock.now());
      }
    },

    async repositoriesChanged({ installationId, added, removed }) {
      if (added.length > 0) await sweepInstallation(deps, installationId, limit());
      for (const { repositoryId } of removed) {
        const project = await projects.byRepositoryId(repositoryId);
        if (project !== null) await previews.kickProject(project.id, { look: true }, deps.clock.now());
      }
    },
  };
}

/** A branch nobody ever wanted a preview of needs no row to be told that it went. */
async function kickKnown(deps: Deps, projectId: number, ref: PreviewRef): Promise<void> {
  const preview = await deps.store.previews.byRef(projectId, ref);
  if (preview !== null) await deps.store.previews.kick(preview.id, { look: true, takeUp: true }, deps.clock.now());
}

const handlingLimitMs = 60_000;
