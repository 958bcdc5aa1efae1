import { containerCapabilities } from '../../domain/capabilities.ts';
import type { Deployment } from '../../domain/deployment.ts';
import type { Failure } from '../../domain/errors.ts';
import type { Action } from '../../domain/plan/actions.ts';
import type { ObservedContainer } from '../../domain/plan/observed.ts';
import type { SeenPort } from '../../domain/ports.ts';
import type { Deps } from '../deps.ts';
import { seenPorts } from '../seen-ports.ts';
import { authority, type Context } from './context.ts';
import { exited, notReady, wrongPort } from '../../domain/why-not-ready.ts';

/** Why a started version never answered, as a person would want to be told: it exited, it listens elsewhere, or it does not answer. */
export async function diagnose(
  deps: Deps,
  context: Context,
  { deployment, container, logTail }: { deployment: Deployment; container: ObservedContainer | undefined; logTail: string },
  action: Action & { do: 'fail' },
  signal: AbortSignal,
): Promise<Failure> {
  if (action.because === 'exited') {
    const denied = container === undefined ? null : await deniedProgram(deps, container.id, logTail, signal);
    return { ...exited(container?.exitCode ?? null, denied), logTail };
  }
  const facts = { expected: deployment.port ?? 0, exposed: deployment.exposedPorts, host: authority(deps, context) };
  const seen = container === undefined ? null : await portsOf(deps, container.id, facts, signal);
  const failure = wrongPort(seen, facts) ?? notReady({ ...facts, timeoutMs: deps.config.healthTimeoutMs, lastAnswer: action.detail });
  return { ...failure, logTail };
}

/** The program that was not let start for a capability that its file asks for and that no container has here. */
async function deniedProgram(deps: Deps, containerId: string, logTail: string, signal: AbortSignal): Promise<{ program: string; lacks: string[] } | null> {
  const named = [...logTail.matchAll(deniedPattern)].map((match) => match[1]!);
  for (const program of new Set(named.slice(-mostPrograms))) {
    try {
      const asked = await deps.engine.fileCapabilities(containerId, program, signal);
      const lacks = asked.filter((name) => !containerCapabilities.some((has) => has === name));
      if (lacks.length > 0) return { program, lacks };
    } catch (error) {
      deps.log.warn({ err: error, container: containerId }, 'a program of a container could not be looked at');
    }
  }
  return null;
}

/** `exec /bin/x failed: Operation not permitted` (the engine's init), `exec /bin/x: operation not permitted` (runc), `sh: ./x: Operation not permitted`. */
const deniedPattern = /(?:exec |: |^)"?([^\s:"]{1,200})"?(?: failed)?: operation not permitted/gim;
const mostPrograms = 3;

async function portsOf(deps: Deps, containerId: string, facts: Parameters<typeof seenPorts>[2], signal: AbortSignal): Promise<SeenPort[] | null> {
  try {
    return await seenPorts(deps, containerId, facts, signal);
  } catch (error) {
    deps.log.warn({ err: error, container: containerId }, 'the ports of a container could not be read');
    return null;
  }
}
