import { endedStates, type Deployment } from '../deployment.ts';
import type { Observed, ObservedContainer } from './observed.ts';

/** The newest deployment that stands for what is wanted. */
export function targetOf(observed: Pick<Observed, 'deployments' | 'wanted' | 'redeployNo'>): Deployment | undefined {
  return observed.deployments.find(
    (d) =>
      d.sha === observed.wanted.sha &&
      d.redeployNo === observed.redeployNo &&
      (d.state === 'failed' || !endedStates.includes(d.state)),
  );
}

/** The version that was last seen ready, as long as it has not ended. */
export function liveOf(observed: Pick<Observed, 'deployments' | 'liveDeploymentId'>): Deployment | undefined {
  return observed.deployments.find((d) => d.id === observed.liveDeploymentId && !endedStates.includes(d.state));
}

/** Whether visitors can be on this version: seen ready, and its container runs. */
export function isServing(deployment: Deployment, observed: Pick<Observed, 'containers'>): boolean {
  return deployment.state === 'live' && containerOf(deployment, observed)?.status === 'running';
}

export function containerOf(deployment: Deployment, observed: Pick<Observed, 'containers'>): ObservedContainer | undefined {
  return observed.containers.find((c) => c.deploymentId === deployment.id);
}

/**
 * Whether its next attempt is not due yet. The wait after a crash ends at once when a person has the crashes forgotten; what the engine is too old for waits
 * for another version of it.
 */
export function waits(deployment: Deployment, observed: Pick<Observed, 'now' | 'crashCount' | 'engineVersion'>): boolean {
  const tooOld = deployment.state === 'error' ? deployment.failure?.engineVersion : undefined;
  if (tooOld !== undefined) return observed.engineVersion === null || observed.engineVersion === tooOld;
  if (deployment.state === 'built' && observed.crashCount === 0) return false;
  return deployment.retryAt !== null && deployment.retryAt > observed.now;
}
