import { portFoundNote } from '../../domain/notes.ts';
import type { Action } from '../../domain/plan/actions.ts';
import type { Deps } from '../deps.ts';
import { deploymentOf, type Context } from './context.ts';
import { startAgain } from './start-again.ts';

/** Starts a version once more with the port on which its app was seen to listen. */
export async function usePort(deps: Deps, context: Context, { deploymentId, port }: Action & { do: 'use-port' }, signal: AbortSignal): Promise<void> {
  const { port: expected, exposedPorts } = deploymentOf(context, deploymentId);
  await startAgain(deps, context, deploymentId, { port, portFound: true }, portFoundNote({ port, expected: expected ?? 0, exposedPorts }), signal);
}
