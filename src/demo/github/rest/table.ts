import { appRoutes } from './app.ts';
import { branchRoutes } from './branches.ts';
import { collaboratorRoutes } from './collaborators.ts';
import { commentRoutes } from './comments.ts';
import { commitRoutes } from './commits.ts';
import { deliveryRoutes } from './deliveries.ts';
import { deploymentRoutes } from './deployments.ts';
import { pullRoutes } from './pulls.ts';
import { rateLimitRoutes } from './rate-limit.ts';
import { refRoutes } from './refs.ts';
import { repositoryRoutes } from './repository.ts';
import type { Route } from './routes.ts';
import { statusRoutes } from './statuses.ts';
import { tokenRoutes } from './tokens.ts';

/** Everything that this GitHub answers; the first route that matches is taken. */
export const routes: Route[] = [
  ...appRoutes,
  ...tokenRoutes,
  ...deliveryRoutes,
  ...rateLimitRoutes,
  ...repositoryRoutes,
  ...branchRoutes,
  ...refRoutes,
  ...commitRoutes,
  ...pullRoutes,
  ...commentRoutes,
  ...deploymentRoutes,
  ...statusRoutes,
  ...collaboratorRoutes,
];
