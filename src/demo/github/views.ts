import { pullOf, repoOf } from './find.ts';
import { iso } from './shapes/account.ts';
import { commentSnapshot, deploymentSnapshot, pullSnapshot } from './snapshots.ts';
import { expireTokens } from './tokens.ts';
import type { LocalGitHub } from './types.ts';
import { Refused, type World, appEvents } from './world.ts';

type Views = Pick<LocalGitHub, 'pullRequest' | 'comments' | 'deployments' | 'deliveries' | 'redeliver' | 'delivered' | 'ping' | 'credentials' | 'expireTokens' | 'renewAllowances'>;

/** What tests look at, and the App's "recent deliveries" page. */
export function views(world: World, hookId: number): Views {
  return {
    pullRequest: (ref, number) => pullSnapshot(world, pullOf(world, ref, number)),
    comments: (ref, number) => {
      const pull = pullOf(world, ref, number);
      return [...pull.repo.comments.values()].filter((comment) => comment.pull === pull).map(commentSnapshot);
    },
    deployments: (ref) => [...repoOf(world, ref).deployments.values()].map(deploymentSnapshot),
    deliveries: () => world.hooks.deliveries(),
    redeliver: async (guid) => {
      const delivery = world.hooks.deliveries().find((kept) => kept.guid === guid);
      if (!delivery) throw new Refused(`there is no delivery ${guid}`);
      return world.hooks.redeliver(delivery);
    },
    delivered: () => world.hooks.drained(),
    credentials: () => [...world.credentials],
    expireTokens: () => expireTokens(world),
    renewAllowances: () => world.rates.clear(),
    ping: () => {
      const hook = {
        type: 'App',
        id: hookId,
        name: 'web',
        active: true,
        events: appEvents,
        config: { content_type: 'json', insecure_ssl: '0', url: world.hooks.url() },
        updated_at: iso(world.app.createdAt),
        created_at: iso(world.app.createdAt),
        app_id: world.app.id,
        deliveries_url: `${world.origin}/api/v3/app/hook/deliveries`,
      };
      const payload = { zen: 'Anything added dilutes everything else.', hook_id: hookId, hook };
      world.hooks.send({ event: 'ping', installationId: null, repositoryId: null, payload });
    },
  };
}
