import { setImmediate as turn } from 'node:timers/promises';
import type { LogLimits } from '../domain/kept-log.ts';
import type { Deployments } from '../reconcile/ports/store.ts';
import { createLogWindow, type LogWindow } from './log-window.ts';

export type BuildLogLimits = {
  /** How many logs are remembered. */
  logs: number;
  /** How much of each. */
  head: LogLimits;
  tail: LogLimits;
};

/**
 * Reads logs of deployments, each line once: many people look at one page again and again while its log grows. What was read is
 * remembered for the `logs` most recently read deployments. Others get their turn between pieces of a log.
 */
export function createBuildLogs(deployments: Pick<Deployments, 'log'>, { logs, head, tail }: BuildLogLimits): (deploymentId: number) => Promise<LogWindow> {
  const known = new Map<number, { window: LogWindow; done: Promise<unknown> }>();
  return async (deploymentId) => {
    const entry = known.get(deploymentId) ?? { window: createLogWindow({ head, tail }), done: Promise.resolve() };
    known.delete(deploymentId);
    known.set(deploymentId, entry);
    for (const id of known.keys()) if (known.size > logs) known.delete(id);
    const mine = entry.done.then(() => readOn(deployments, deploymentId, entry.window));
    entry.done = mine.catch(() => undefined);
    await mine;
    return entry.window;
  };
}

async function readOn(deployments: Pick<Deployments, 'log'>, deploymentId: number, window: LogWindow): Promise<void> {
  for (;;) {
    const fresh = await deployments.log(deploymentId, window.next(), chunk);
    window.take(fresh);
    if (fresh.length < chunk) return;
    await turn();
  }
}

const chunk = 1000;
