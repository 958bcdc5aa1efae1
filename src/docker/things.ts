import type { ContainerInspectInfo } from 'dockerode';
import { instanceFilter, labelKeys, previewFilter } from '../domain/labels.ts';
import type { ContainerFacts, Things } from '../reconcile/ports/engine.ts';
import { call, statusOf } from './call.ts';
import type { Context } from './context.ts';

/** All containers and networks that carry our instance id; of one preview when given. */
export async function things(context: Context, signal: AbortSignal, previewId?: number): Promise<Things> {
  const label = [instanceFilter(context.instance), ...(previewId === undefined ? [] : [previewFilter(previewId)])];
  const limits = { signal, ms: context.limitMs };
  const [containers, networks] = await Promise.all([
    call('listing containers', limits, (abortSignal) => context.docker.listContainers({ all: true, filters: { label }, abortSignal })),
    call('listing networks', limits, (abortSignal) => context.docker.listNetworks({ filters: { label }, abortSignal })),
  ]);
  const ids = containers.map((container) => container.Id);
  return {
    containers: await inspectAll(context, ids, signal),
    networks: networks.map((network) => ({ name: network.Name, previewId: idOf(network.Labels, labelKeys.preview) })),
  };
}

/**
 * The highest deployment id on any container of the engine, whoever's; 0 when there is none. More than 9 digits are no id: they would
 * not fit under the priorities of holds.
 */
export async function highestDeployment(context: Context, signal: AbortSignal): Promise<number> {
  const containers = await call('listing containers', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.listContainers({ all: true, filters: { label: [labelKeys.deployment] }, abortSignal }),
  );
  return Math.max(0, ...containers.map((container) => idOf(container.Labels, labelKeys.deployment)));
}

async function inspectAll(context: Context, ids: string[], signal: AbortSignal): Promise<ContainerFacts[]> {
  const facts: ContainerFacts[] = [];
  const waiting = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const found = await inspect(context, id, signal);
      if (found !== null) facts.push(found);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inspectsAtOnce, ids.length) }, worker));
  return facts.toSorted((a, b) => a.deploymentId - b.deploymentId);
}

const inspectsAtOnce = 8;

async function inspect(context: Context, id: string, signal: AbortSignal): Promise<ContainerFacts | null> {
  try {
    const info = await call('reading a container', { signal, ms: context.limitMs }, (abortSignal) =>
      context.docker.getContainer(id).inspect({ abortSignal }),
    );
    return factsOf(info);
  } catch (error) {
    // Gone between the listing and now.
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function factsOf(info: ContainerInspectInfo): ContainerFacts {
  const { State: state } = info;
  // A paused one still holds its memory and its route: it runs. `dead` and `removing` are on their way out.
  const status = state.Running || state.Restarting ? 'running' : state.Status === 'created' ? 'created' : 'exited';
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    previewId: idOf(info.Config.Labels, labelKeys.preview),
    deploymentId: idOf(info.Config.Labels, labelKeys.deployment),
    status,
    exitCode: status === 'exited' ? state.ExitCode : null,
    oomKilled: state.OOMKilled,
    startedAt: timeOf(state.StartedAt),
    finishedAt: timeOf(state.FinishedAt),
    publishedPort: publishedPort(info),
  };
}

/** The id in a label; 0, which no row has, when there is none that makes sense. */
export function idOf(labels: Record<string, string> | undefined, key: string): number {
  const text = labels?.[key] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** The engine writes the year 1 for "never". */
function timeOf(text: string): Date | null {
  return text === '' || text.startsWith('0001-') ? null : new Date(text);
}

/** As it was asked for: it is the container's in every state. */
function publishedPort({ HostConfig: { PortBindings: asked } }: ContainerInspectInfo): number | null {
  for (const bindings of Object.values<{ HostPort?: string }[] | null>(asked ?? {})) {
    const port = Number(bindings?.[0]?.HostPort ?? '');
    if (port > 0) return port;
  }
  return null;
}
