import type { Deployment } from '../domain/deployment.ts';
import type { Preview, PreviewRef, Project, PullRequest } from '../domain/preview.ts';
import type { deployments, previews, projects, StoredPull } from './schema.ts';

export type PreviewRow = typeof previews.$inferSelect;
export type ProjectRow = typeof projects.$inferSelect;
export type DeploymentRow = typeof deployments.$inferSelect;

export function toProject(row: ProjectRow): Project {
  const { id, repositoryId, installationId, owner, name, defaultBranch } = row;
  return { id, repositoryId, installationId, owner, name, private: row.private, defaultBranch };
}

export function toPreview(row: PreviewRow, project: ProjectRow): Preview {
  const { id, hostLabel, generation, state, redeployNo, liveDeploymentId, crashCount, lastCrashAt } = row;
  const { removedSha, asleepSha, asleepBy, expiredSha, leftOutSha, room } = row;
  return {
    id,
    project: toProject(project),
    ref: row.kind === 'branch' ? { kind: 'branch', name: row.ref } : { kind: 'pull', number: Number(row.ref) },
    hostLabel,
    wanted: { run: row.wantedRun, sha: row.wantedSha, reason: row.wantedReason, asleepBecause: row.asleepBecause },
    generation,
    state,
    will: { removedSha, asleepSha, asleepBy, expiredSha, leftOutSha },
    room,
    redeployNo,
    pulls: row.pulls.map(toPull),
    liveDeploymentId,
    crashCount,
    lastCrashAt,
    setAside: row.asideReason === null || row.asideAt === null ? null : { reason: row.asideReason, at: row.asideAt },
  };
}

/** The two columns that stand for a ref. */
export function refColumns(ref: PreviewRef): { kind: PreviewRef['kind']; ref: string } {
  return { kind: ref.kind, ref: ref.kind === 'branch' ? ref.name : String(ref.number) };
}

export function toStoredPull(pull: PullRequest): StoredPull {
  const { number, title, headBranch, headSha, fork, updatedAt } = pull;
  return { number, title, headBranch, headSha, fork, updatedAt: updatedAt.toISOString() };
}

function toPull(pull: StoredPull): PullRequest {
  return { ...pull, updatedAt: new Date(pull.updatedAt) };
}

export function toDeployment(row: DeploymentRow): Deployment {
  const { id, previewId, sha, redeployNo, pullNumber, state, noCache, image, port, failure, attempts, retryAt, exitCode, logToken } = row;
  const { exposedPorts, portFound, withInit, notes } = row;
  const { createdAt, buildStartedAt, fetchedAt, builtAt, startedAt, readyAt, switchedAt, endedAt } = row;
  const { githubDeploymentId, wishedStatus, wishedUrl, reportedStatus } = row;
  return {
    id, previewId, sha, redeployNo, pullNumber, state, noCache, image, port, failure, attempts, retryAt, exitCode, logToken,
    exposedPorts, portFound, withInit, notes,
    createdAt, buildStartedAt, fetchedAt, builtAt, startedAt, readyAt, switchedAt, endedAt,
    githubDeploymentId, wishedStatus, wishedUrl, reportedStatus,
  };
}
