import { covers, installationOn, repositoriesOf } from '../coverage.ts';
import { accountShape, nodeId, organizationShape } from '../shapes/account.ts';
import { installationShape } from '../shapes/installation.ts';
import { repositoryShape, shortRepositoryShape } from '../shapes/repository.ts';
import type { JsonObject } from '../types.ts';
import { type Account, type Installation, type Repo, type World, appEvents } from '../world.ts';

/**
 * Sends an event of a repository to the App when it is installed there, not suspended, and subscribed to it. `repository` stands
 * for the fields of the payload when they are not the usual ones.
 */
export function emit(world: World, event: string, repo: Repo, sender: Account, payload: JsonObject): void {
  const installation = installationOn(world, repo.owner);
  if (!installation || installation.suspendedAt || !covers(installation, repo) || !appEvents.includes(event)) return;
  world.hooks.send({
    event,
    installationId: installation.id,
    repositoryId: repo.id,
    payload: {
      repository: repositoryShape(world, repo),
      ...payload,
      ...(repo.owner.type === 'Organization' && { organization: organizationShape(world, repo.owner) }),
      sender: accountShape(world, sender),
      installation: { id: installation.id, node_id: nodeId('Integration', installation.id) },
    },
  });
}

/** Installation events go out always, subscribed or suspended. */
export function emitInstallation(
  world: World,
  action: 'created' | 'deleted' | 'suspend' | 'unsuspend',
  installation: Installation,
  sender: Account,
): void {
  world.hooks.send({
    event: 'installation',
    installationId: installation.id,
    repositoryId: null,
    payload: {
      action,
      installation: installationShape(world, installation),
      repositories: repositoriesOf(world, installation).map(shortRepositoryShape),
      ...(action === 'created' && { requester: null }),
      sender: accountShape(world, sender),
    },
  });
}

export function emitSelection(world: World, installation: Installation, added: Repo[], removed: Repo[], sender: Account): void {
  world.hooks.send({
    event: 'installation_repositories',
    installationId: installation.id,
    repositoryId: null,
    payload: {
      action: added.length > 0 ? 'added' : 'removed',
      installation: installationShape(world, installation),
      repository_selection: installation.selected ? 'selected' : 'all',
      repositories_added: added.map(shortRepositoryShape),
      repositories_removed: removed.map(shortRepositoryShape),
      requester: null,
      sender: accountShape(world, sender),
    },
  });
}
