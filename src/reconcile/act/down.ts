import type { Failure } from '../../domain/errors.ts';
import type { Action } from '../../domain/plan/actions.ts';
import type { Deps } from '../deps.ts';
import { mustHold } from '../fence.ts';
import { containerOf } from '../../domain/plan/select.ts';
import { deploymentOf, type Context } from './context.ts';

/** The live version is down: it goes back to `built` and is started again by a later pass; a crash is counted, with what it wrote last. */
export async function down(deps: Deps, context: Context, action: Action & { do: 'down' }, signal: AbortSignal): Promise<void> {
  const { lease } = context;
  const now = deps.clock.now();
  deps.readiness.forget(action.deploymentId);
  if (!action.crash) {
    mustHold(await deps.store.deployments.update(lease, action.deploymentId, { state: 'built', retryAt: null }));
    deps.log.info({ deployment: action.deploymentId }, 'the container is not running; it is started again');
    return;
  }
  const container = containerOf(deploymentOf(context, action.deploymentId), context.observed);
  const failure = await crash(deps, container?.id ?? null, container?.exitCode ?? null, action.waitMs, signal);
  const crashCount = action.waitMs === 0 ? 1 : context.preview.crashCount + 1;
  mustHold(await deps.store.previews.update(lease, { crashCount, lastCrashAt: now }, now));
  const retryAt = action.waitMs === null ? null : new Date(now.getTime() + action.waitMs);
  mustHold(await deps.store.deployments.update(lease, action.deploymentId, { state: 'built', failure, exitCode: container?.exitCode ?? null, retryAt }));
  deps.log.warn({ deployment: action.deploymentId, exitCode: container?.exitCode, crash: crashCount, waitMs: action.waitMs }, 'the app crashed');
}

async function crash(deps: Deps, containerId: string | null, exitCode: number | null, waitMs: number | null, signal: AbortSignal): Promise<Failure> {
  return {
    code: 'crashed',
    fault: 'app',
    what: exitCode === null ? 'The app stopped answering' : `The app exited with code ${exitCode}`,
    why: waitMs === null ? 'It crashed four times and is not started again by itself' : '',
    next: waitMs === null ? 'Push a fix, or start it again with `npx kosuke-preview wake`.' : '',
    logTail: containerId === null ? '' : await tailOf(deps, containerId, signal),
  };
}

/** The log tail explains; without it there is less to read, and nothing else is wrong. */
export async function tailOf(deps: Deps, containerId: string, signal: AbortSignal): Promise<string> {
  try {
    return await deps.engine.logTail(containerId, tailBytes, signal);
  } catch (error) {
    deps.log.warn({ err: error, container: containerId }, 'the log of a container could not be read');
    return '';
  }
}

const tailBytes = 8_192;
