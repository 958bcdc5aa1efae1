import type { Deployment } from '../../domain/deployment.ts';
import type { Failure } from '../../domain/errors.ts';
import type { Action } from '../../domain/plan/actions.ts';
import type { ObservedContainer } from '../../domain/plan/observed.ts';
import type { Deps } from '../deps.ts';
import { tailOf } from './down.ts';

/** Why a started version never answered, as a person would want to be told: it exited, it listens elsewhere, or it does not answer. */
export async function diagnose(
  deps: Deps,
  deployment: Deployment,
  container: ObservedContainer | undefined,
  action: Action & { do: 'fail' },
  signal: AbortSignal,
): Promise<Failure> {
  const logTail = container === undefined ? '' : await tailOf(deps, container.id, signal);
  if (action.because === 'exited') return exited(container?.exitCode ?? null, logTail);
  const ports = container === undefined ? null : await portsOf(deps, container.id, signal);
  const expected = deployment.port ?? 0;
  if (ports !== null && !ports.some((p) => p.port === expected && !p.loopbackOnly)) return elsewhere(expected, ports, logTail);
  return {
    code: 'not-ready',
    fault: 'app',
    what: `The app did not answer on port ${expected} within ${Math.round(deps.config.healthTimeoutMs / 1000)} s`,
    why: action.detail === '' ? '' : `its last answer to GET / was ${action.detail}`,
    next: 'GET / must answer with a status below 500. Look at the log below, fix it and push.',
    logTail,
  };
}

function exited(exitCode: number | null, logTail: string): Failure {
  return {
    code: 'exited',
    fault: 'app',
    what: `The app exited${exitCode === null ? '' : ` with code ${exitCode}`} before it answered`,
    why: exitCode === 137 ? 'code 137 means that it was killed, most often for want of memory' : '',
    next: 'The container\'s command must keep running and serve HTTP. Look at the log below, fix it and push.',
    logTail,
  };
}

function elsewhere(expected: number, ports: readonly { port: number; loopbackOnly: boolean }[], logTail: string): Failure {
  const onLoopback = ports.some((p) => p.port === expected);
  const others = [...new Set(ports.map((p) => p.port))].toSorted((a, b) => a - b);
  const why = onLoopback
    ? `it listens on 127.0.0.1:${expected} only, where nothing outside its container reaches it`
    : others.length === 0
      ? 'it listens on no port at all'
      : `it listens on port ${others.join(', ')} instead`;
  const next = onLoopback
    ? `Let the app listen on 0.0.0.0:${expected}.`
    : `Let the app listen on 0.0.0.0 and the port in the variable PORT (${expected}), or write EXPOSE ${others[0] ?? expected} into the Dockerfile.`;
  return { code: 'wrong-port', fault: 'app', what: `The app does not listen on port ${expected}`, why, next, logTail };
}

async function portsOf(deps: Deps, containerId: string, signal: AbortSignal): Promise<{ port: number; loopbackOnly: boolean }[] | null> {
  try {
    return await deps.engine.listeningPorts(containerId, signal);
  } catch (error) {
    deps.log.warn({ err: error, container: containerId }, 'the ports of a container could not be read');
    return null;
  }
}
