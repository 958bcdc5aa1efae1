import { repositoriesOf } from '../coverage.ts';
import { iso } from '../shapes/account.ts';
import { repositoryShape } from '../shapes/repository.ts';
import { mintToken } from '../tokens.ts';
import type { JsonObject } from '../types.ts';
import { type Installation, type Permissions, type World, appPermissions } from '../world.ts';
import { fields } from './body.ts';
import { invalid, notFound, suspended } from './errors.ts';
import { numberParam, type Route } from './routes.ts';

export const tokenRoutes: Route[] = [
  {
    method: 'POST',
    template: '/app/installations/{installation_id}/access_tokens',
    for: 'app',
    handle: (call) => {
      const { world } = call;
      const installation = world.installations.get(numberParam(call, 'installation_id'));
      if (!installation) throw notFound();
      if (installation.suspendedAt) throw suspended();
      const wanted = fields(call.body, { repositories: 'strings?', repository_ids: 'integers?', permissions: 'object?' });
      const narrowed = narrow(world, installation, wanted.repository_ids, wanted.repositories);
      const { value, token } = mintToken(world, installation, narrowed, granted(wanted.permissions));
      const repositories = narrowed && repositoriesOf(world, installation).filter(({ id }) => narrowed.has(id));
      const body = {
        token: value,
        expires_at: iso(token.expiresAt),
        permissions: token.permissions,
        repository_selection: narrowed || installation.selected ? 'selected' : 'all',
        ...(repositories && { repositories: repositories.map((repo) => repositoryShape(world, repo)) }),
      };
      return { status: 201, body };
    },
  },
];

function narrow(world: World, installation: Installation, ids: number[] | undefined, names: string[] | undefined): Set<number> | null {
  if (ids === undefined && names === undefined) return null;
  const all = repositoriesOf(world, installation);
  const chosen = [
    ...(ids ?? []).map((id) => all.find((repo) => repo.id === id)),
    ...(names ?? []).map((name) => all.find((repo) => repo.name.toLowerCase() === name.toLowerCase())),
  ].map((repo) => {
    if (repo) return repo.id;
    throw invalid('There is at least one repository that does not exist or is not accessible to the parent installation.');
  });
  return chosen.length > 0 ? new Set(chosen) : null;
}

/** What was asked for, never above what the App has; reading metadata is always in it. */
function granted(wanted: JsonObject | undefined): Permissions {
  if (wanted === undefined || Object.keys(wanted).length === 0) return appPermissions;
  const permissions: Permissions = { metadata: 'read' };
  for (const [name, access] of Object.entries(wanted)) {
    const ceiling = appPermissions[name];
    if (ceiling === undefined || (access !== 'read' && access !== ceiling)) {
      throw invalid('The permissions requested are not granted to this installation.');
    }
    permissions[name] = access === 'write' ? 'write' : 'read';
  }
  return permissions;
}
