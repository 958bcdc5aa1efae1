import type { Failure } from '../../domain/errors.ts';
import { missedProcessOne } from '../../domain/init.ts';
import { withoutInitNote } from '../../domain/notes.ts';
import type { Action } from '../../domain/plan/actions.ts';
import { containerOf } from '../../domain/plan/select.ts';
import type { Deps } from '../deps.ts';
import { mustHold } from '../fence.ts';
import { attemptWaitMs } from '../limits.ts';
import { deploymentOf, type Context } from './context.ts';
import { diagnose } from './diagnose.ts';
import { tailOf } from './down.ts';
import { startAgain } from './start-again.ts';

/**
 * Ends a version that did not come up, with what can be found out about why; what it left is removed by the next pass. One that ended because it was not process 1 is
 * started once more instead, as that.
 */
export async function fail(deps: Deps, context: Context, action: Action & { do: 'fail' }, signal: AbortSignal): Promise<void> {
  const deployment = deploymentOf(context, action.deploymentId);
  const container = containerOf(deployment, context.observed);
  if (action.because === 'edge') {
    await errorOf(deps, context, action.deploymentId, {
      code: 'edge',
      fault: 'us',
      what: 'The app was started, but Traefik never showed it',
      why: action.detail,
      next: 'The operator can look at `readyz` and at Traefik\'s log. It is tried again by itself.',
    });
    return;
  }
  const logTail = container === undefined ? '' : await tailOf(deps, container.id, signal);
  if (action.because === 'exited' && deployment.withInit && missedProcessOne(logTail)) {
    await startAgain(deps, context, action.deploymentId, { withInit: false }, withoutInitNote, signal);
    return;
  }
  const failure = await diagnose(deps, context, { deployment, container, logTail }, action, signal);
  await failedOf(deps, context, action.deploymentId, failure, container?.exitCode ?? null);
}

/** The repository's doing: it stays failed until a push or `redeploy`. */
export async function failedOf(deps: Deps, context: Context, deploymentId: number, failure: Failure, exitCode: number | null): Promise<void> {
  deps.readiness.forget(deploymentId);
  mustHold(await deps.store.deployments.update(context.lease, deploymentId, { state: 'failed', failure, exitCode, endedAt: deps.clock.now() }));
  deps.metrics.deploymentEnded('failed');
  deps.log.info({ deployment: deploymentId, failure: failure.code, why: failure.why }, 'failed');
}

/** Ours: tried again, with growing waits, for as long as it is wanted. */
export async function errorOf(deps: Deps, context: Context, deploymentId: number, failure: Failure): Promise<void> {
  const { attempts } = deploymentOf(context, deploymentId);
  const waitMs = attemptWaitMs(attempts);
  deps.readiness.forget(deploymentId);
  mustHold(
    await deps.store.deployments.update(context.lease, deploymentId, {
      state: 'error',
      failure,
      attempts: attempts + 1,
      retryAt: new Date(deps.clock.now().getTime() + waitMs),
    }),
  );
  deps.metrics.deploymentEnded('error');
  deps.log.warn({ deployment: deploymentId, failure: failure.code, why: failure.why, waitMs }, 'an error of ours; it is tried again');
}
