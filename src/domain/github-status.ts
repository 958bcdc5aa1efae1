import { durationText, readyIn } from './comment/times.ts';
import type { Deployment, GithubStatus } from './deployment.ts';
import { oneLine } from './markdown.ts';

/** A deployment that waits in the queue longer than this is reported as `queued`. Milliseconds. */
const queuedReportAfterMs = 10_000;

/**
 * The status that GitHub should show for a deployment, `null` when there is nothing to say yet. `crashed`: it is the live version
 * and the preview's state is `crashed`.
 *
 * | deployment                         | status                                                             |
 * |------------------------------------|--------------------------------------------------------------------|
 * | queued                             | `queued` after 10 s, until then nothing                            |
 * | building, built, starting          | `in_progress`                                                      |
 * | live                               | `success`                                                          |
 * | crashed, failed                    | `failure`: the repository's doing                                  |
 * | error                              | `error`: ours                                                      |
 * | superseded, cancelled, removed     | `inactive`; nothing when GitHub was never to be told of it         |
 *
 * A status never goes back to `queued` or `in_progress` once it said more than that: restarts, wakes and further attempts show
 * only in how they end. That keeps a deployment's life at about five statuses.
 */
export function githubStatus(
  deployment: Pick<Deployment, 'state' | 'reportedStatus' | 'githubDeploymentId' | 'createdAt' | 'buildStartedAt' | 'endedAt'>,
  { now, crashed }: { now: Date; crashed: boolean },
): GithubStatus | null {
  switch (deployment.state) {
    case 'queued':
      return deployment.reportedStatus ?? (waitedLong(deployment, now) ? 'queued' : null);
    case 'building':
    case 'built':
    case 'starting':
      if (crashed) return 'failure';
      return deployment.reportedStatus === null || deployment.reportedStatus === 'queued' ? 'in_progress' : deployment.reportedStatus;
    case 'live':
      return 'success';
    case 'failed':
      return 'failure';
    case 'error':
      return 'error';
    case 'superseded':
    case 'cancelled':
    case 'removed':
      return wasToBeReported(deployment) ? 'inactive' : null;
  }
}

/** When a queued deployment is due to be reported as such. */
export function queuedReportDue(deployment: Pick<Deployment, 'createdAt'>): Date {
  return new Date(deployment.createdAt.getTime() + queuedReportAfterMs);
}

/** The sentence beside a status: plain text of at most 140 characters. */
export function statusDescription(
  status: GithubStatus,
  deployment: Pick<Deployment, 'state' | 'failure' | 'createdAt' | 'builtAt' | 'startedAt' | 'readyAt'>,
): string {
  switch (status) {
    case 'queued':
      return 'Waits for its turn to be built';
    case 'in_progress':
      return deployment.state === 'building' ? 'Building' : 'Starting';
    case 'success': {
      if (deployment.state !== 'live') return 'At rest';
      const ms = readyIn(deployment);
      return ms === null ? 'Ready' : `Ready in ${durationText(ms)}`;
    }
    case 'failure':
      return oneLine(deployment.failure?.what ?? 'Failed', descriptionLimit);
    case 'error': {
      const what = deployment.failure?.what ?? 'Something went wrong here';
      return deployment.failure?.code === 'engine-too-old' ? oneLine(what, descriptionLimit) : `${oneLine(what, descriptionLimit - 20)}; it is tried again`;
    }
    case 'inactive':
      return deployment.state === 'removed' ? 'The preview was removed' : 'A newer version took its place';
  }
}

const descriptionLimit = 140;

/** Whether any look at it could have found something to say: a status may be on its way even when none is recorded yet. */
function wasToBeReported(deployment: Pick<Deployment, 'reportedStatus' | 'githubDeploymentId' | 'createdAt' | 'buildStartedAt' | 'endedAt'>): boolean {
  const { reportedStatus, githubDeploymentId, buildStartedAt, endedAt } = deployment;
  if (reportedStatus !== null || githubDeploymentId !== null || buildStartedAt !== null) return true;
  return endedAt === null || waitedLong(deployment, endedAt);
}

function waitedLong({ createdAt }: Pick<Deployment, 'createdAt'>, at: Date): boolean {
  return at.getTime() - createdAt.getTime() > queuedReportAfterMs;
}
