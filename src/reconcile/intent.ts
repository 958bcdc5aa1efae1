import type { Deps } from './deps.ts';
import type { Intent } from './intent-types.ts';
import type { PreviewRef } from '../domain/preview.ts';
import { ensurePreview, ensureSighted, isAllowed, keepProject, refOf } from './sight.ts';
import { sweepInstallation } from './sweep.ts';

/**
 * What webhooks change: rows exist, what people decided is lifted where the event lifts it, and the preview is kicked to look at
 * GitHub again. Nothing is concluded from a payload but which preview to look at.
 */
export function createIntent(deps: Deps): Intent {
  const { previews, projects } = deps.store;
  const limit = () => AbortSignal.timeout(handlingLimitMs);
  const kick = async (projectId: number, ref: PreviewRef) => {
    const preview = await ensurePreview(deps, projectId, ref);
    await previews.kick(preview.id, { look: true }, deps.clock.now());
  };

  return {
    async pushed({ repository, branch, before, created, deleted }) {
      if (!isAllowed(deps, repository.owner)) return;
      const project = await ensureSighted(deps, repository, { branch, before: created ? null : before }, limit());
      if (deleted) await kickKnown(deps, project.id, { kind: 'branch', name: branch });
      else await kick(project.id, { kind: 'branch', name: branch });
    },

    async pullChanged({ repository, pull, reopened }) {
      if (!isAllowed(deps, repository.owner)) return;
      const project = await ensureSighted(deps, repository, null, limit());
      const ref = refOf(pull);
      const preview = await ensurePreview(deps, project.id, ref);
      if (reopened) {
        await previews.setWill(preview.id, { removedSha: null, leftOutSha: null });
      }
      await previews.kick(preview.id, { look: true }, deps.clock.now());
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
  if (preview !== null) await deps.store.previews.kick(preview.id, { look: true }, deps.clock.now());
}

const handlingLimitMs = 60_000;
