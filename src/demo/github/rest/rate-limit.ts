import { rateOf } from './rate.ts';
import type { Route } from './routes.ts';

/** Asking costs nothing. */
export const rateLimitRoutes: Route[] = [
  {
    method: 'GET',
    template: '/rate_limit',
    for: 'anybody',
    handle: ({ world, token }) => {
      const rate = rateOf(world, token ? { kind: 'installation', token } : { kind: 'none' });
      rate.used--;
      const core = { limit: rate.limit, used: rate.used, remaining: rate.limit - rate.used, reset: Math.floor(rate.resetAt / 1_000) };
      return { status: 200, body: { resources: { core, search: core }, rate: core } };
    },
  },
];
