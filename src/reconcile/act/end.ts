import type { Action } from '../../domain/plan/actions.ts';
import type { Deps } from '../deps.ts';
import { mustHold } from '../fence.ts';
import { deploymentOf, type Context } from './context.ts';

/** Ends a deployment that is overtaken or no longer wanted; a running build hears of it. */
export async function end(deps: Deps, context: Context, { deploymentId, state }: Action & { do: 'end' }): Promise<void> {
  const { switchedAt } = deploymentOf(context, deploymentId);
  deps.readiness.forget(deploymentId);
  mustHold(await deps.store.deployments.update(context.lease, deploymentId, { state, endedAt: deps.clock.now() }));
  if (switchedAt === null) deps.metrics.deploymentEnded('cancelled');
}
