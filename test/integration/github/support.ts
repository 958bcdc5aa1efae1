import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { type Intercept, type LocalGitHub, type RepositorySnapshot, startLocalGitHub } from '../../../src/demo/github/index.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { Project } from '../../../src/domain/preview.ts';
import { createCodeHost } from '../../../src/github/code-host.ts';
import { createGithub, type GithubOptions } from '../../../src/github/probot.ts';
import { createReporter } from '../../../src/github/reporter.ts';
import type { Clock } from '../../../src/reconcile/ports/clock.ts';

export const realClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};

export const webhookSecret = 'a-webhook-secret-for-these-tests';

/** PEM */
export const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

export type Partner = Awaited<ReturnType<typeof startPartner>>;

/** A local GitHub and the program's GitHub side talking to it. `logged()` is all that was logged, at the lowest level. */
export async function startPartner(options: { timeoutMs?: number; clock?: Clock; metrics?: GithubOptions['metrics'] } = {}) {
  const { clock = realClock, timeoutMs = 5_000 } = options;
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-github-'));
  const local = await startLocalGitHub({ dir, webhook: { url: 'http://127.0.0.1:9/', secret: webhookSecret }, app: { privateKey } });
  const { log, logged } = capturedLog();
  const github = await createGithub({
    appId: local.appId,
    privateKey,
    webhookSecret,
    apiUrl: `${local.url}/api/v3`,
    clock,
    log,
    metrics: options.metrics,
    timeoutMs,
  });
  return {
    local,
    github,
    privateKey,
    codeHost: createCodeHost({ ...github, webUrl: local.url, clock }),
    reporter: createReporter({ ...github, appId: local.appId }),
    log,
    logged,
    async close() {
      try {
        await local.close();
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

export function capturedLog() {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { log: pino({ level: 'trace' }, stream), logged: () => text };
}

/** An account with a repository on it, the App installed, and how we know it. */
export async function project(local: LocalGitHub, owner: string, settings: { private?: boolean } = {}) {
  local.createAccount({ login: owner, type: 'Organization' });
  const installationId = local.install({ account: owner });
  const repository = await local.createRepository({ owner, name: 'shop', files: { 'README.md': 'a shop\n' }, ...settings });
  return { repository, project: known(repository, installationId) };
}

export function known(repository: RepositorySnapshot, installationId: number): Project {
  const { id, owner, name, private: isPrivate, defaultBranch } = repository;
  return { id: 1, repositoryId: id, installationId, owner, name, private: isPrivate, defaultBranch };
}

export const soon = () => AbortSignal.timeout(20_000);

/** Answers requests of one kind with a fault, the first `times` of them, as long as `during` runs. */
export async function withFault<T>(
  local: LocalGitHub,
  matching: { method: string; path: RegExp; times?: number },
  fault: Awaited<ReturnType<Intercept>>,
  during: () => Promise<T>,
): Promise<T> {
  let left = matching.times ?? Infinity;
  local.intercept(({ kind, method, path }) => {
    if (kind !== 'rest' || method !== matching.method || !matching.path.test(path) || left <= 0) return undefined;
    left -= 1;
    return fault;
  });
  try {
    return await during();
  } finally {
    local.intercept(undefined);
  }
}

/** Holds an error against what every trouble with GitHub is: ours, said in words, and worth another try unless `retry` is false. */
export function isTrouble(why: RegExp = /./, retry = true) {
  return (error: unknown) => {
    assert.ok(error instanceof KosukeError, String(error));
    assert.equal(error.failure.code, 'github');
    assert.equal(error.failure.fault, 'us');
    assert.equal(error.retry, retry);
    assert.match(error.failure.why, why);
    assert.notEqual(error.failure.next, '');
    return true;
  };
}
