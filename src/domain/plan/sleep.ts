import type { Action } from './actions.ts';
import { holdOnGate } from './clean-up.ts';
import type { Observed } from './observed.ts';
import { liveOf, targetOf } from './select.ts';
import type { Step } from './version.ts';

/**
 * Asleep: nothing runs and nothing is built; images, stopped containers and the network stay, so that waking is a start. The host
 * goes to the gate before anything stops, and stays there by itself afterwards: without a running container the catch-all answers, so
 * the hold goes once none was seen.
 */
export function planSleep(observed: Observed): Step {
  const actions: Action[] = [];
  const keep = new Set([liveOf(observed)?.id, targetOf(observed)?.id]);
  for (const deployment of observed.deployments) {
    switch (deployment.state) {
      case 'queued':
      case 'building':
      case 'error':
        actions.push({ do: 'end', deploymentId: deployment.id, state: 'cancelled' });
        break;
      case 'built':
        if (!keep.has(deployment.id)) actions.push({ do: 'end', deploymentId: deployment.id, state: 'cancelled' });
        break;
      case 'starting':
      case 'live':
        actions.push(keep.has(deployment.id) ? { do: 'rest', deploymentId: deployment.id } : { do: 'end', deploymentId: deployment.id, state: 'cancelled' });
        break;
      default:
    }
  }
  const running = observed.containers.filter((container) => container.status === 'running');
  actions.push(...holdOnGate(observed));
  for (const container of running) actions.push({ do: 'stop-container', containerId: container.id });
  if (running.length > 0) return { actions, at: null };
  for (const { deploymentId } of observed.holds) actions.push({ do: 'unhold', deploymentId });
  return { actions, at: null };
}
