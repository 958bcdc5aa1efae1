import { installationFor } from '../coverage.ts';
import { appShape, installationShape } from '../shapes/installation.ts';
import { notFound } from './errors.ts';
import { page } from './paging.ts';
import { numberParam, type Route } from './routes.ts';

/** The App about itself. */
export const appRoutes: Route[] = [
  {
    method: 'GET',
    template: '/app',
    for: 'app',
    handle: ({ world }) => ({ status: 200, body: { ...appShape(world), installations_count: world.installations.size } }),
  },
  {
    method: 'GET',
    template: '/app/installations',
    for: 'app',
    handle: (call) => page(call, [...call.world.installations.values()], (installation) => installationShape(call.world, installation)),
  },
  {
    method: 'GET',
    template: '/app/installations/{installation_id}',
    for: 'app',
    handle: (call) => {
      const installation = call.world.installations.get(numberParam(call, 'installation_id'));
      if (!installation) throw notFound();
      return { status: 200, body: installationShape(call.world, installation) };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/installation',
    for: 'app-repo',
    handle: ({ world, repo }) => {
      const installation = installationFor(world, repo);
      if (!installation) throw notFound();
      return { status: 200, body: installationShape(world, installation) };
    },
  },
];
