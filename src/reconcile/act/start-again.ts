import type { Deployment } from '../../domain/deployment.ts';
import { type Note, withNote } from '../../domain/notes.ts';
import { containerOf } from '../../domain/plan/select.ts';
import type { Deps } from '../deps.ts';
import { mustHold } from '../fence.ts';
import { deploymentOf, type Context } from './context.ts';

/**
 * A version that came up in the wrong way gets another container: the old one goes first, so that none of it is found under the new facts, then the row says how
 * the next one is made. The next step starts it, behind the hold that stands. `note` tells people why, in the log and on the pull request.
 */
export async function startAgain(
  deps: Deps,
  context: Context,
  deploymentId: number,
  change: Partial<Pick<Deployment, 'port' | 'portFound' | 'withInit'>>,
  note: Note,
  signal: AbortSignal,
): Promise<void> {
  const deployment = deploymentOf(context, deploymentId);
  const container = containerOf(deployment, context.observed);
  deps.readiness.forget(deploymentId);
  if (container !== undefined) await deps.engine.removeContainer(container.id, signal);
  mustHold(await deps.store.deployments.update(context.lease, deploymentId, { ...change, state: 'built', retryAt: null, notes: withNote(deployment.notes, note) }));
  await deps.store.deployments.addLog(deploymentId, [{ at: deps.clock.now(), step: null, stream: 'note', text: note.text }]);
  deps.log.info({ deployment: deploymentId, ...change }, 'starting once more');
}
