import type { Deployment } from '../../../src/domain/deployment.ts';
import type { Preview } from '../../../src/domain/preview.ts';

export const sampleSha = '3f2c1aa0b1d94e7c8a5b6d7e8f90123456789abc';
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23, 9, 30, seconds));

/** A preview of branch `feature/a` of acme/shop, running unless told otherwise. */
export function samplePreview(change: Partial<Preview> = {}): Preview {
  return {
    id: 1,
    project: { id: 1, repositoryId: 100, installationId: 7, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' },
    ref: { kind: 'branch', name: 'feature/a' },
    hostLabel: 'project-1-feature-a',
    wanted: { run: 'running', sha: sampleSha, reason: 'pull-request', asleepBecause: null },
    generation: 1,
    state: 'running',
    will: { removedSha: null, asleepSha: null, asleepBy: 'person', expiredSha: null, leftOutSha: null },
    room: 'has',
    redeployNo: 0,
    pulls: [{ number: 12, title: 'A calmer checkout', headBranch: 'feature/a', headSha: sampleSha, fork: false, updatedAt: at(0) }],
    liveDeploymentId: null,
    crashCount: 0,
    lastCrashAt: null,
    setAside: null,
    ...change,
  };
}

/** Deployment 7, queued at 09:30:00 UTC unless told otherwise. `sampleTimes` are those of one that went live. */
export function sampleDeployment(change: Partial<Deployment> = {}): Deployment {
  return {
    id: 7,
    previewId: 1,
    sha: sampleSha,
    redeployNo: 0,
    pullNumber: 12,
    state: 'queued',
    noCache: false,
    image: null,
    port: null,
    exposedPorts: [],
    portFound: false,
    withInit: true,
    notes: [],
    failure: null,
    attempts: 0,
    retryAt: null,
    exitCode: null,
    logToken: 'a1b2c3d4e5f6a7b8c9d0',
    createdAt: at(0),
    buildStartedAt: null,
    fetchedAt: null,
    builtAt: null,
    startedAt: null,
    readyAt: null,
    switchedAt: null,
    endedAt: null,
    githubDeploymentId: null,
    wishedStatus: null, wishedUrl: null, reportedStatus: null,
    ...change,
  };
}

export const sampleTimes = { buildStartedAt: at(1), fetchedAt: at(2), builtAt: at(14), startedAt: at(15), readyAt: at(18), switchedAt: at(19) };

export { at as sampleTime };
