import type { NetworkInspectInfo } from 'dockerode';
import { labelKeys } from '../domain/labels.ts';
import { call, engineError, reasonOf, statusOf } from './call.ts';
import type { Context } from './context.ts';
import { get } from './get.ts';
import { formatSubnet, freeSubnets, parseSubnet, type Subnet } from './subnets.ts';

export type Network = { name: string; labels: Record<string, string> };

export type Networks = {
  ensure(network: Network, signal: AbortSignal): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<void>;
};

/**
 * Networks with explicit small subnets out of `pool` (e.g. `10.232.0.0/16`). The engine takes two networks of one name and hands
 * overlapping requests an error, so what concerns one name goes one after the other, and creations at once choose different subnets.
 */
export function createNetworks(context: Context, pool: string): Networks {
  const range = parseSubnet(pool);
  if (range.bits > subnetBits) throw new TypeError(`no room for subnets of /${subnetBits} in ${pool}`);
  const chosen = new Set<number>();
  const inTurn = turns();
  return {
    ensure: (network, signal) => inTurn(network.name, () => ensure(context, range, chosen, network, signal)),
    remove: (name, signal) => inTurn(name, () => remove(context, name, signal)),
  };
}

/** Runs what concerns one name one after the other. */
function turns(): (name: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).catch(() => undefined).then(work);
    last.set(name, mine);
    try {
      await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}

/** Room for an app and a dozen services. */
const subnetBits = 28;

async function ensure(context: Context, pool: Subnet, chosen: Set<number>, network: Network, signal: AbortSignal): Promise<void> {
  const doing = `creating network ${network.name}`;
  const all = await call('listing networks', { signal, ms: context.limitMs }, (abortSignal) => context.docker.listNetworks({ abortSignal }));
  const present = all.find((other) => other.Name === network.name);
  if (present !== undefined) {
    if (isOfPreview(present.Labels, network.labels)) return;
    throw engineError(doing, 'The name is taken by a network that is not of this preview');
  }

  const taken = all.flatMap((other) => other.IPAM?.Config ?? []).flatMap((config) => ipv4(config.Subnet));
  for (const subnet of freeSubnets(pool, subnetBits, taken)) {
    if (chosen.has(subnet.first)) continue;
    chosen.add(subnet.first);
    try {
      await create(context, network, subnet, doing, signal);
      return;
    } catch (error) {
      // Taken by what the list does not show: another program's network made just now, or a route of the host.
      if (!isOverlap(error)) throw error;
      context.log.debug({ network: network.name, subnet: formatSubnet(subnet) }, 'subnet is taken, trying the next');
    } finally {
      chosen.delete(subnet.first);
    }
  }
  throw engineError(doing, `Every subnet of ${formatSubnet(pool)} is taken: set PREVIEW_SUBNETS to a larger range`);
}

async function create(context: Context, network: Network, subnet: Subnet, doing: string, signal: AbortSignal): Promise<void> {
  await call(doing, { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.createNetwork({
      Name: network.name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Internal: false,
      Attachable: false,
      EnableIPv6: false,
      IPAM: { Driver: 'default', Config: [{ Subnet: formatSubnet(subnet) }] },
      Labels: { ...network.labels },
      abortSignal,
    }),
  );
}

async function remove(context: Context, name: string, signal: AbortSignal): Promise<void> {
  const limits = { signal, ms: context.limitMs };
  const network = context.docker.getNetwork(name);
  try {
    const facts = await readNetwork(context, name, signal);
    if (facts.Labels?.[labelKeys.instance] !== context.instance) throw engineError(`removing network ${name}`, 'It is not ours');
    for (const container of Object.keys(facts.Containers ?? {})) await detach(context, name, container, signal);
    await call(`removing network ${name}`, limits, (abortSignal) => network.remove({ abortSignal }));
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** Throws `KosukeError` `engine`, with the engine's 404 when there is none. */
export async function readNetwork(context: Context, name: string, signal: AbortSignal): Promise<NetworkInspectInfo> {
  return await call(`reading network ${name}`, { signal, ms: context.limitMs }, (abortSignal) => get<NetworkInspectInfo>(context.docker, `/networks/${name}`, abortSignal));
}

async function detach(context: Context, name: string, container: string, signal: AbortSignal): Promise<void> {
  try {
    await call(`detaching a container from network ${name}`, { signal, ms: context.limitMs }, (abortSignal) =>
      context.docker.getNetwork(name).disconnect({ Container: container, Force: true, abortSignal }),
    );
  } catch (error) {
    if (!isAway(error)) throw error;
  }
}

/** The container went by itself, or was detached by somebody else: what was wanted. */
function isAway(error: unknown): boolean {
  return statusOf(error) === 404 || /is not connected to/.test(reasonOf(error));
}

/** Whether both carry the marks of one preview of one instance. */
export function isOfPreview(labels: Record<string, string> | undefined, asked: Record<string, string>): boolean {
  return [labelKeys.instance, labelKeys.preview].every((key) => labels?.[key] !== undefined && labels[key] === asked[key]);
}

function isOverlap(error: unknown): boolean {
  return /pool overlaps|invalid pool request|conflicts with network|overlaps with/i.test(reasonOf(error));
}

function ipv4(subnet: string | undefined): Subnet[] {
  return subnet === undefined || subnet === '' || subnet.includes(':') ? [] : [parseSubnet(subnet)];
}
