import { iso } from '../shapes/account.ts';
import type { DeliverySnapshot, JsonObject } from '../types.ts';
import { invalid, notFound } from './errors.ts';
import { whole } from './paging.ts';
import { type Call, numberParam, type Route } from './routes.ts';

/** What was sent to the App in the last three days, newest first, in pages by cursor. */
export const deliveryRoutes: Route[] = [
  {
    method: 'GET',
    template: '/app/hook/deliveries',
    for: 'app',
    handle: (call) => {
      const size = Math.min(whole(call, 'per_page', 30), 100);
      const before = cursorOf(call);
      const wanted = outcomeOf(call);
      const older = kept(call).toReversed().filter((delivery) => delivery.id < before && wanted(delivery));
      const shown = older.slice(0, size);
      const last = shown.at(-1);
      const next = older.length > size && last ? { Link: nextLink(call, last.id) } : undefined;
      return { status: 200, body: shown.map(listed), ...(next && { headers: next }) };
    },
  },
  {
    method: 'GET',
    template: '/app/hook/deliveries/{delivery_id}',
    for: 'app',
    handle: (call) => {
      const delivery = deliveryOf(call);
      const response = delivery.status === 0 ? { headers: null, payload: null } : { headers: {}, payload: '' };
      const request = { headers: delivery.headers, payload: delivery.payload };
      return { status: 200, body: { ...listed(delivery), url: call.world.hooks.url(), request, response } };
    },
  },
  {
    method: 'POST',
    template: '/app/hook/deliveries/{delivery_id}/attempts',
    for: 'app',
    handle: (call) => {
      const { world } = call;
      // GitHub accepts the order and delivers in its own time; the outcome is in the list.
      world.hooks.redeliver(deliveryOf(call)).catch((error: unknown) => world.log({ kind: 'failure', error: String(error) }));
      return { status: 202, body: {} };
    },
  },
];

/** https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks */
function kept({ world }: Call): DeliverySnapshot[] {
  const since = world.now().getTime() - keptMs;
  return world.hooks.deliveries().filter(({ at }) => at.getTime() >= since);
}

/** The id below which the page starts. */
function cursorOf({ query }: Call): number {
  const cursor = query.get('cursor');
  if (cursor === null) return Number.POSITIVE_INFINITY;
  const id = /^v1_(\d{1,15})$/.exec(cursor)?.[1];
  if (id === undefined) throw invalid('Invalid cursor.');
  return Number(id);
}

function outcomeOf({ query }: Call): (delivery: DeliverySnapshot) => boolean {
  switch (query.get('status')) {
    case null:
      return () => true;
    case 'success':
      return ({ status }) => status >= 200 && status < 400;
    case 'failure':
      return ({ status }) => status >= 400 && status < 600;
    default:
      throw invalid('Invalid status.');
  }
}

function deliveryOf(call: Call): DeliverySnapshot {
  const id = numberParam(call, 'delivery_id');
  const delivery = kept(call).find((one) => one.id === id);
  if (!delivery) throw notFound();
  return delivery;
}

function listed(delivery: DeliverySnapshot): JsonObject {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: iso(delivery.at),
    redelivery: delivery.redelivery,
    duration: delivery.durationMs / 1_000,
    status: delivery.status === 0 ? 'failed to connect to host' : delivery.status < 400 ? 'OK' : 'Invalid HTTP Response',
    status_code: delivery.status,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

function nextLink(call: Call, id: number): string {
  const url = new URL(call.url);
  url.searchParams.set('cursor', `v1_${id}`);
  return `<${url.href}>; rel="next"`;
}

const keptMs = 3 * 86_400_000;
