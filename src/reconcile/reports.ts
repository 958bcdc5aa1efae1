import { KosukeError } from '../domain/errors.ts';
import { statusDescription } from '../domain/github-status.ts';
import { addressOf } from './address.ts';
import type { Deps } from './deps.ts';
import { retryWaitMs } from './limits.ts';
import type { CommentJob, StatusJob } from './ports/store.ts';
import type { GithubStatus } from '../domain/deployment.ts';
import type { Worker } from './worker.ts';

/** The workers that tell GitHub what rows wish it to be told. GitHub being away delays reports, and nothing else. */
export function commentReports(deps: Deps, stop: AbortSignal): Worker {
  const { reports } = deps.store;
  return {
    name: 'comments',
    signal: 'comment',
    width: 4,
    async claim() {
      const job = await reports.claimComment(deps.clock.now(), leaseMs);
      return job === null ? null : () => writeComment(deps, job, stop);
    },
    nextDue: () => reports.nextCommentDue(),
  };
}

export function statusReports(deps: Deps, stop: AbortSignal): Worker {
  const { reports } = deps.store;
  return {
    name: 'statuses',
    signal: 'status',
    width: 4,
    async claim() {
      const job = await reports.claimStatus(deps.clock.now(), leaseMs);
      return job === null ? null : () => writeStatus(deps, job, stop);
    },
    nextDue: () => reports.nextStatusDue(),
  };
}

async function writeComment(deps: Deps, job: CommentJob, stop: AbortSignal): Promise<void> {
  const log = deps.log.child({ preview: job.previewId, pull: job.pull });
  try {
    const { commentId } = await deps.reporter.putComment(job, AbortSignal.any([stop, AbortSignal.timeout(limitMs)]));
    await deps.store.reports.finishComment(job, { commentId, body: job.body }, after(deps, betweenEditsMs));
    log.info({ comment: commentId }, 'comment written');
  } catch (error) {
    await deps.store.reports.finishComment(job, null, after(deps, waitMs(deps, error, job.attempts, stop)));
    if (!stop.aborted) log.warn({ err: error, attempts: job.attempts + 1 }, 'the comment could not be written; it is tried again');
  }
}

async function writeStatus(deps: Deps, job: StatusJob & { status: GithubStatus }, stop: AbortSignal): Promise<void> {
  const { preview, deployment, status, url } = job;
  const log = deps.log.child({ preview: preview.id, deployment: deployment.id, status });
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)]);
  try {
    const githubDeploymentId = deployment.githubDeploymentId ?? (await createDeployment(deps, job, signal));
    await deps.reporter.createStatus(
      {
        project: preview.project,
        githubDeploymentId,
        status,
        logUrl: deps.config.logUrl(deployment.logToken),
        environmentUrl: url,
        description: statusDescription(status, deployment),
      },
      signal,
    );
    await deps.store.reports.finishStatus(job, status, deps.clock.now());
    log.info('status said');
  } catch (error) {
    await deps.store.reports.finishStatus(job, null, after(deps, waitMs(deps, error, job.attempts, stop)));
    if (!stop.aborted) log.warn({ err: error, attempts: job.attempts + 1 }, 'the status could not be said; it is tried again');
  }
}

/**
 * GitHub's id is stored before anything is said about it. After an attempt whose end is not known, the one that may have been
 * created is looked for first.
 */
async function createDeployment(deps: Deps, { preview, deployment, leaseNo }: StatusJob, signal: AbortSignal): Promise<number> {
  const { id } = await deps.reporter.createDeployment(
    {
      project: preview.project,
      sha: deployment.sha,
      ours: `${deps.config.instance}/${deployment.id}`,
      previewUrl: addressOf(deps, preview.hostLabel, null),
      maybeCreated: leaseNo > 1,
    },
    signal,
  );
  await deps.store.reports.setGithubDeployment(deployment.id, id);
  return id;
}

function after(deps: Deps, ms: number): Date {
  return new Date(deps.clock.now().getTime() + ms);
}

function waitMs(deps: Deps, error: unknown, attempts: number, stop: AbortSignal): number {
  if (stop.aborted) return 0;
  if (error instanceof KosukeError && error.notBefore !== null) return Math.max(reportWaitsMs[0]!, error.notBefore.getTime() - deps.clock.now().getTime());
  if (error instanceof KosukeError && !error.retry) return hopelessMs;
  return retryWaitMs(attempts, reportWaitsMs);
}

const leaseMs = 45_000;
const limitMs = 35_000;
/** Edits of one comment are at least this far apart; what was wished in between is written in one. */
const betweenEditsMs = 5_000;
const reportWaitsMs = [1_000, 5_000, 15_000, 60_000];
const hopelessMs = 3_600_000;
