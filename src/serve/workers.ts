import type { Logger } from 'pino';
import { builds } from '../reconcile/builds.ts';
import type { Deps } from '../reconcile/deps.ts';
import { passes } from '../reconcile/passes.ts';
import { commentReports, statusReports } from '../reconcile/reports.ts';
import { runWorker } from '../reconcile/worker.ts';
import type { Program } from './program.ts';

/**
 * All that works on previews, until `stop`: first the engine must have answered once (deployment ids continue above what is on it),
 * then passes, builds, reports and the engine's events run side by side. Resolves when all have put down what they had in hand.
 */
export async function runWorkers(program: Program, stop: AbortSignal): Promise<void> {
  const { deps } = program;
  if (!(await makeReady(deps, stop))) return;
  const workers = [passes(deps, program.workerId, stop), builds(deps, program.workerId, stop), commentReports(deps, stop), statusReports(deps, stop)];
  await Promise.all([program.engineWatch.run(stop), ...workers.map((worker) => runWorker(deps, worker, stop))]);
  deps.readiness.stop();
}

async function makeReady(deps: Deps, stop: AbortSignal): Promise<boolean> {
  for (let tries = 0; !stop.aborted; tries += 1) {
    try {
      await deps.edge.writeGate();
      await deps.store.deployments.continueAbove(await deps.engine.highestDeployment(AbortSignal.any([stop, AbortSignal.timeout(askLimitMs)])));
      return true;
    } catch (error) {
      if (stop.aborted) return false;
      if (tries % logEvery === 0) deps.log.error({ err: error }, 'previews cannot be worked on yet; tried again every second');
      await deps.clock.sleep(betweenMs, stop).catch(() => undefined);
    }
  }
  return false;
}

/** Sweeps at once and then every `everyMs`, a tenth sooner or later, so that several programs do not sweep in step. */
export async function runSweeps(sweep: () => Promise<unknown>, everyMs: number, deps: { clock: Deps['clock']; log: Logger }, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      await sweep();
    } catch (error) {
      if (!stop.aborted) deps.log.error({ err: error }, 'the sweep broke off; the next one goes on');
    }
    await deps.clock.sleep(everyMs * (0.9 + 0.2 * Math.random()), stop).catch(() => undefined);
  }
}

const askLimitMs = 10_000;
const betweenMs = 1_000;
const logEvery = 30;
