import type { Action } from '../../domain/plan/actions.ts';
import type { Deps } from '../deps.ts';
import { mustHold } from '../fence.ts';
import type { Context } from './context.ts';

/** The ended deployment no longer names its image; the image goes unless a deployment that has not ended needs it, here or in another preview. */
export async function collectImage(deps: Deps, context: Context, action: Action & { do: 'collect-image' }, signal: AbortSignal): Promise<void> {
  if (!(await deps.store.deployments.imageInUse(action.image, [action.deploymentId]))) {
    await deps.engine.removeImage(action.image, signal);
  }
  mustHold(await deps.store.deployments.update(context.lease, action.deploymentId, { image: null }));
}
