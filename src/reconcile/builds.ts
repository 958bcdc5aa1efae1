import { build } from './build.ts';
import type { Deps } from './deps.ts';
import type { BuildJob } from './ports/store.ts';
import type { Worker } from './worker.ts';

/**
 * The worker that builds what is queued. A build holds its row by a lease of its own that it keeps prolonging; it stops at once when
 * the row is cancelled (signal, and every prolonging looks) or taken over, and writes nothing after that.
 */
export function builds(deps: Deps, owner: string, stop: AbortSignal): Worker {
  const { deployments } = deps.store;
  /** Half of the slots: what one project may have while others wait. */
  const share = Math.max(1, Math.floor(deps.config.buildConcurrency / 2));
  return {
    name: 'builds',
    signal: 'build',
    width: deps.config.buildConcurrency,
    async claim() {
      const job = await deployments.claimBuild(owner, deps.clock.now(), leaseMs, share);
      return job === null ? null : () => held(deps, job, stop);
    },
    nextDue: () => deployments.nextBuildDue(),
  };
}

async function held(deps: Deps, job: BuildJob, stop: AbortSignal): Promise<void> {
  const id = job.deployment.id;
  const ended = new AbortController();
  const off = deps.store.signals.on('cancel', (payload) => {
    if (payload === String(id)) ended.abort(new BuildOvertaken());
  });
  const done = new AbortController();
  const keeping = keep(deps, job, ended, done.signal);
  let bases: readonly string[] = [];
  try {
    bases = await build(deps, job, AbortSignal.any([ended.signal, stop]));
  } finally {
    done.abort();
    off();
    await keeping;
  }
  await keepBases(deps, job, bases, stop);
}

/** The deployment has its image by now and does not wait for this. */
async function keepBases(deps: Deps, { deployment }: BuildJob, bases: readonly string[], stop: AbortSignal): Promise<void> {
  if (bases.length === 0) return;
  try {
    await deps.builder.keepBases(bases, { anew: deployment.noCache }, stop);
  } catch (error) {
    deps.log.info({ err: error, deployment: deployment.id, bases }, 'base images could not be kept; the next build asks their registry again');
  }
}

/** Cancelled, or another builder has it: not an error. */
export class BuildOvertaken extends Error {
  override readonly name = 'BuildOvertaken';
}

async function keep(deps: Deps, job: BuildJob, ended: AbortController, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    try {
      const until = new Date(deps.clock.now().getTime() + leaseMs);
      if (!(await deps.store.deployments.keepBuild(job.deployment.id, job.buildNo, until))) ended.abort(new BuildOvertaken());
    } catch (error) {
      deps.log.warn({ err: error, deployment: job.deployment.id }, 'the lease of a build could not be prolonged; tried again');
    }
    await deps.clock.sleep(keepEveryMs, done).catch(() => undefined);
  }
}

const leaseMs = 15_000;
const keepEveryMs = 1_000;
