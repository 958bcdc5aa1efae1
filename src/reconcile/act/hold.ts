import type { Action } from '../../domain/plan/actions.ts';
import type { Deps } from '../deps.ts';
import { fence, LeaseLost, PlanOver } from '../fence.ts';
import type { Hold } from '../ports/edge.ts';
import { containerNameOf, publicHost, type Context } from './context.ts';
import { errorOf } from './fail.ts';
import { publicHostShows, type Signals } from './public-host.ts';

/** Writes the hold and waits for nothing. */
export async function prepareHold(deps: Deps, context: Context, action: Action & { do: 'prepare-hold' }): Promise<void> {
  await deps.edge.writeHold({ deploymentId: action.deploymentId, host: publicHost(deps, context), to: destination(context, action.to) });
  try {
    await fence(deps, context.lease);
  } catch (error) {
    if (error instanceof LeaseLost) await deps.edge.removeHold(action.deploymentId);
    throw error;
  }
}

/**
 * Holds the host on the version that serves, or on the gate, and waits until the public host answers with this hold. When it
 * does not: the hold goes again, and if it `must`, the deployment ends in an error of ours and what would have followed is not done
 * (throws `PlanOver`). Where it need not (sleep, removal), an edge that does not answer has no visitors to spare.
 */
export async function hold(deps: Deps, context: Context, action: Action & { do: 'hold' }, signals: Signals): Promise<void> {
  const host = publicHost(deps, context);
  await deps.edge.writeHold({ deploymentId: action.deploymentId, host, to: destination(context, action.to) });
  const { shown, last } = await publicHostShows(deps, host, (answer) => answer.holdId === action.deploymentId, signals);
  if (shown) return fence(deps, context.lease);
  const why = last.kind === 'no-edge' ? last.why : `${host} answers with status ${last.status} and without the hold`;
  if (!action.must) {
    deps.log.warn({ deployment: action.deploymentId, why }, 'the edge did not take up a hold; going on without it');
    return;
  }
  await deps.edge.removeHold(action.deploymentId);
  await errorOf(deps, context, action.deploymentId, {
    code: 'edge',
    fault: 'us',
    what: 'Traefik did not take up a change of routing within 10 s',
    why,
    next: 'The operator can look at `readyz` and at Traefik\'s log. It is tried again by itself.',
  });
  throw new PlanOver();
}

function destination(context: Context, to: number | 'gate'): Hold['to'] {
  return to === 'gate' ? 'gate' : { deploymentId: to, containerName: containerNameOf(context, to) };
}
