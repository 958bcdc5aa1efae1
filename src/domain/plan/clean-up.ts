import { endedStates, type Deployment } from '../deployment.ts';
import type { Action } from './actions.ts';
import type { Observed } from './observed.ts';
import type { Step } from './version.ts';

/** Between TERM and KILL. */
export const graceSeconds = 10;

/**
 * The preview goes: the host first to the gate, so that nobody meets a bare error, then the containers; holds and the network only once
 * no container was seen any more, for a container that could not be removed must not be on the host again.
 */
export function planNothing(observed: Observed): Action[] {
  const actions: Action[] = [];
  for (const deployment of observed.deployments) {
    if (endedStates.includes(deployment.state)) continue;
    const started = deployment.id === observed.liveDeploymentId || deployment.state === 'starting';
    actions.push({ do: 'end', deploymentId: deployment.id, state: started ? 'removed' : 'cancelled' });
  }
  actions.push(...holdOnGate(observed));
  for (const container of observed.containers) actions.push({ do: 'remove-container', containerId: container.id, graceSeconds });
  if (observed.containers.length > 0) return actions;
  for (const { deploymentId } of observed.holds) actions.push({ do: 'unhold', deploymentId });
  if (observed.network) actions.push({ do: 'remove-network' });
  return [...actions, ...images(observed)];
}

/**
 * What ended deployments left: the container; once it is gone, hold and image. A superseded one's container stays for `drainMs`, and
 * its hold goes at once, for the newer version stands above its labels. A container that does not fit goes, too: nobody reaches it, and
 * its version gets another one.
 */
export function cleanUp(observed: Observed): Step {
  const known = new Map(observed.deployments.map((d) => [d.id, d]));
  const actions: Action[] = [];
  const drains: number[] = [];
  for (const container of observed.containers) {
    const deployment = known.get(container.deploymentId);
    const wanted = deployment !== undefined && !endedStates.includes(deployment.state);
    if (wanted && container.fits) continue;
    const drained = drainEnd(deployment, observed);
    if (drained !== null && drained > observed.now && !isBeyond(drained, observed)) drains.push(drained.getTime());
    else actions.push({ do: 'remove-container', containerId: container.id, graceSeconds: drained === null ? 1 : graceSeconds });
  }
  for (const { deploymentId } of observed.holds) {
    const deployment = known.get(deploymentId);
    if (deployment !== undefined && !endedStates.includes(deployment.state)) continue;
    const gone = !observed.containers.some((c) => c.deploymentId === deploymentId);
    if (gone || deployment?.state === 'superseded') actions.push({ do: 'unhold', deploymentId });
  }
  return {
    actions: [...actions, ...images(observed)],
    at: drains.length === 0 ? null : new Date(Math.min(...drains)),
  };
}

/** Needed only where a container runs, and only once: the hold of the newest stands above all others. */
export function holdOnGate(observed: Observed): Action[] {
  const running = observed.containers.filter((c) => c.status === 'running').map((c) => c.deploymentId);
  const newest = Math.max(...running, ...observed.holds.map((h) => h.deploymentId));
  return running.length === 0 ? [] : [{ do: 'hold', deploymentId: newest, to: 'gate', must: false }];
}

/** Time in which the program did not run does not count: nobody could be told meanwhile where the newer version is. */
function drainEnd(deployment: Deployment | undefined, { drainMs, watchingSince }: Observed): Date | null {
  if (deployment?.state !== 'superseded' || deployment.endedAt === null) return null;
  return new Date(Math.max(deployment.endedAt.getTime(), watchingSince.getTime()) + drainMs);
}

/** Farther ahead than any drain lasts: it began by a clock that was ahead and has been set right. */
function isBeyond(drained: Date, { now, drainMs }: Observed): boolean {
  return drained.getTime() > now.getTime() + drainMs;
}

/** Images of ended deployments, once their container is gone: the engine keeps what a container was made from. */
function images({ deployments, containers }: Observed): Action[] {
  const needed = new Set(deployments.filter((d) => !endedStates.includes(d.state)).map((d) => d.image));
  return deployments.flatMap((d): Action[] =>
    d.image !== null && endedStates.includes(d.state) && !needed.has(d.image) && !containers.some((c) => c.deploymentId === d.id)
      ? [{ do: 'collect-image', deploymentId: d.id, image: d.image }]
      : [],
  );
}
