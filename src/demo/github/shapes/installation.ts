import type { JsonObject } from '../types.ts';
import { type AppRow, type Installation, type World, appEvents, appPermissions } from '../world.ts';
import { accountShape, iso, nodeId } from './account.ts';

export function installationShape(world: World, installation: Installation): JsonObject {
  const { id, account } = installation;
  const home = account.type === 'Organization' ? `${world.origin}/organizations/${account.login}` : world.origin;
  return {
    id,
    client_id: clientId(world.app),
    account: accountShape(world, account),
    repository_selection: installation.selected ? 'selected' : 'all',
    access_tokens_url: `${world.origin}/api/v3/app/installations/${id}/access_tokens`,
    repositories_url: `${world.origin}/api/v3/installation/repositories`,
    html_url: `${home}/settings/installations/${id}`,
    app_id: world.app.id,
    app_slug: world.app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: appPermissions,
    events: appEvents,
    created_at: iso(installation.createdAt),
    updated_at: iso(installation.updatedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt ? accountShape(world, account) : null,
    suspended_at: installation.suspendedAt ? iso(installation.suspendedAt) : null,
  };
}

/** GitHub's "integration", as in `performed_via_github_app`. */
export function appShape(world: World): JsonObject {
  const { app } = world;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    client_id: clientId(app),
    owner: accountShape(world, app.owner),
    name: app.name,
    description: null,
    external_url: world.origin,
    html_url: `${world.origin}/apps/${app.slug}`,
    created_at: iso(app.createdAt),
    updated_at: iso(app.createdAt),
    permissions: appPermissions,
    events: appEvents,
  };
}

function clientId(app: AppRow): string {
  return `Iv1.${app.id.toString(16).padStart(16, '0')}`;
}
