import type { Deployment } from '../../domain/deployment.ts';
import { containerName } from '../../domain/host.ts';
import type { Observed } from '../../domain/plan/observed.ts';
import type { Preview } from '../../domain/preview.ts';
import type { Deps } from '../deps.ts';
import type { Lease } from '../ports/store.ts';

/** What every step of a pass works on. */
export type Context = { lease: Lease; preview: Preview; observed: Observed };

/** The deployment an action names; plans only name deployments that were observed. */
export function deploymentOf(context: Context, id: number): Deployment {
  const deployment = context.observed.deployments.find((d) => d.id === id);
  if (deployment === undefined) throw new Error(`the plan names deployment ${id}, which was not observed`);
  return deployment;
}

export function containerNameOf(context: Context, deploymentId: number): string {
  return containerName(context.preview.hostLabel, deploymentId);
}

/** The host as visitors' browsers send it, with the port where it is not the scheme's. Without Traefik it is that of the published ports. */
export function authority(deps: Deps, context: Context): string {
  if (deps.edge.ports !== null) return '127.0.0.1';
  return new URL(deps.config.url(context.preview.hostLabel)).host;
}

export function publicHost(deps: Deps, context: Context): string {
  return deps.config.host(context.preview.hostLabel);
}
