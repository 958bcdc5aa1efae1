import { portUrl } from '../domain/host.ts';
import type { Preview } from '../domain/preview.ts';
import type { Deps } from './deps.ts';

/**
 * Where people reach a preview: at its host, whatever runs; or, where containers publish ports, at that of the one that serves (`null`
 * when none does).
 */
export function addressOf({ edge, config }: Pick<Deps, 'edge' | 'config'>, hostLabel: string, servingPort: number | null): string | null {
  if (edge.ports === null) return config.url(hostLabel);
  return servingPort === null ? null : portUrl(servingPort);
}

/** The same of any preview at this moment. Where the engine is to be asked and does not answer, there is no address. */
export async function currentAddresses(
  deps: Pick<Deps, 'edge' | 'engine' | 'config' | 'log'>,
): Promise<(preview: Pick<Preview, 'hostLabel' | 'state' | 'liveDeploymentId'>) => string | null> {
  const ports = new Map<number | null, number>();
  if (deps.edge.ports !== null) {
    try {
      for (const { deploymentId, port } of await deps.engine.publishedPorts(AbortSignal.timeout(askLimitMs))) ports.set(deploymentId, port);
    } catch (error) {
      deps.log.warn({ err: error }, 'the addresses of previews could not be read');
    }
  }
  return ({ hostLabel, state, liveDeploymentId }) => addressOf(deps, hostLabel, state === 'running' ? (ports.get(liveDeploymentId) ?? null) : null);
}

const askLimitMs = 5_000;
