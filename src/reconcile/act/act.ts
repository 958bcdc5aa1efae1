import type { Action } from '../../domain/plan/actions.ts';
import { networkName } from '../../domain/host.ts';
import { networkLabels } from '../../domain/labels.ts';
import type { Deps } from '../deps.ts';
import { fence, mustHold } from '../fence.ts';
import { stepLimitMs } from '../limits.ts';
import { collectImage } from './collect-image.ts';
import type { Context } from './context.ts';
import { down } from './down.ts';
import { end } from './end.ts';
import { fail } from './fail.ts';
import { hold, prepareHold } from './hold.ts';
import { queue } from './queue.ts';
import { readopt, release } from './release.ts';
import { start, watch } from './start.ts';
import { usePort } from './use-port.ts';

/**
 * Does one action of a plan, behind the fence and within a time limit that is shorter than the lease. Throws `LeaseLost`, `PlanOver`, or
 * `KosukeError` when the outside did not do what was asked.
 */
export async function act(deps: Deps, context: Context, action: Action, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(stepLimitMs)]);
  const { lease, preview } = context;
  await fence(deps, lease);
  deps.log.debug({ action }, 'act');
  switch (action.do) {
    case 'queue':
      return queue(deps, context, action.sha);
    case 'end':
      return end(deps, context, action);
    case 'retry': {
      const built = context.observed.deployments.some((d) => d.id === action.deploymentId && d.image !== null && d.port !== null);
      return mustHold(await deps.store.deployments.update(lease, action.deploymentId, { state: built ? 'built' : 'queued', retryAt: null }));
    }
    case 'ensure-network':
      return deps.engine.ensureNetwork(
        { name: networkName(preview.hostLabel), labels: networkLabels({ instance: deps.config.instance, previewId: preview.id }) },
        signal,
      );
    case 'hold':
      return hold(deps, context, action, { signal, stop });
    case 'prepare-hold':
      return prepareHold(deps, context, action);
    case 'unhold':
      return deps.edge.removeHold(action.deploymentId);
    case 'start':
      return start(deps, context, action.deploymentId, signal);
    case 'watch':
      return watch(deps, context, action.deploymentId);
    case 'use-port':
      return usePort(deps, context, action, signal);
    case 'release':
      return release(deps, context, action.deploymentId, { signal, stop });
    case 'readopt':
      return readopt(deps, context, action.deploymentId);
    case 'fail':
      return fail(deps, context, action, signal);
    case 'down':
      return down(deps, context, action, signal);
    case 'rest':
      deps.readiness.forget(action.deploymentId);
      return mustHold(await deps.store.deployments.update(lease, action.deploymentId, { state: 'built', retryAt: null }));
    case 'stop-container':
      return deps.engine.stopContainer(action.containerId, stopGraceSeconds, signal);
    case 'remove-container':
      await deps.engine.stopContainer(action.containerId, action.graceSeconds, signal);
      return deps.engine.removeContainer(action.containerId, signal);
    case 'remove-network':
      return deps.engine.removeNetwork(networkName(preview.hostLabel), signal);
    case 'collect-image':
      return collectImage(deps, context, action, signal);
  }
}

/**
 * Actions that tidy up or prepare: one that fails is tried again later and keeps nothing else from happening. (A container that is to start
 * without its network fails itself, and that is told.)
 */
export function maySkip(action: Action): boolean {
  return skippable.has(action.do);
}

const skippable: ReadonlySet<Action['do']> = new Set(['ensure-network', 'prepare-hold', 'remove-network', 'collect-image', 'unhold', 'remove-container'] as const);

const stopGraceSeconds = 10;
