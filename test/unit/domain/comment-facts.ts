import type { CommentFacts } from '../../../src/domain/comment.ts';
import type { Deployment } from '../../../src/domain/deployment.ts';
import type { Preview } from '../../../src/domain/preview.ts';

/** 2026-11-23 09:30 UTC and some seconds. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 10, 23, 9, 30, 0) + seconds * 1000);
}

const row: Deployment = {
  id: 7,
  previewId: 4,
  sha: 'abc1234def5678900000000000000000000000aa',
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
  logToken: 'log-7',
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
};

export function deployment(change: Partial<Deployment> = {}): Deployment {
  return { ...row, ...change };
}

const times = { buildStartedAt: at(1), builtAt: at(9), startedAt: at(10), readyAt: at(13), switchedAt: at(13) };

/** The version that serves. */
export function live(change: Partial<Deployment> = {}): Deployment {
  return deployment({ state: 'live', image: 'kosuke-preview/1:a', port: 3000, ...times, ...change });
}

/** A newer one. */
export function newer(change: Partial<Deployment> = {}): Deployment {
  return deployment({ id: 8, sha: 'def5678abc1234500000000000000000000000bb', logToken: 'log-8', createdAt: at(600), ...change });
}

type PreviewFacts = CommentFacts['preview'];

const preview: PreviewFacts = {
  project: { id: 1, repositoryId: 700_001, installationId: 5, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' },
  hostLabel: 'project-1-feature-a',
  wanted: { run: 'running', sha: row.sha, reason: 'pull-request', asleepBecause: null },
  state: 'queued',
  crashCount: 0,
  lastCrashAt: null,
};

export function facts(change: Partial<Omit<CommentFacts, 'preview'>> & { preview?: Partial<PreviewFacts> } = {}): CommentFacts {
  return {
    url: 'https://project-1-feature-a.kosuke.ai',
    latest: null,
    live: null,
    commitUrl: (sha) => `https://github.com/acme/shop/commit/${sha}`,
    logUrl: (token) => `https://kosuke.ai/logs/${token}`,
    now: at(86_400),
    ...change,
    preview: { ...preview, ...change.preview },
  };
}

export function wantsNothing(reason: Preview['wanted']['reason'], state: Preview['state'] = 'removed'): Partial<PreviewFacts> {
  return { state, wanted: { run: 'nothing', sha: null, reason, asleepBecause: null } };
}
