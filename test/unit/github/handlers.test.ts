import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { registerHandlers } from '../../../src/github/app.ts';
import { isHandled } from '../../../src/github/events.ts';
import { createGithub } from '../../../src/github/probot.ts';
import type { Intent } from '../../../src/reconcile/intent-types.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const installation = { id: 4 };
const repository = { id: 700, name: 'shop', owner: { login: 'acme' }, private: true, default_branch: 'main' };
const facts = { repositoryId: 700, installationId: 4, owner: 'acme', name: 'shop', private: true, defaultBranch: 'main' };
const before = 'a'.repeat(40);
const after = 'b'.repeat(40);

let calls: [string, unknown][] = [];
let warnings: object[] = [];
let failing = false;
const record = (name: string) => async (event: unknown) => {
  calls.push([name, event]);
  if (failing) throw new Error('the store is away');
};
const intent: Intent = {
  pushed: record('pushed'),
  pullChanged: record('pullChanged'),
  branchChanged: record('branchChanged'),
  repositoryChanged: record('repositoryChanged'),
  installationChanged: record('installationChanged'),
  repositoriesChanged: record('repositoriesChanged'),
};

const { probot, receive: run } = await createGithub({
  appId: 1,
  privateKey,
  webhookSecret: 'sixteen-characters',
  apiUrl: 'http://127.0.0.1:9/api/v3',
  clock: { now: () => new Date(), sleep: () => Promise.resolve() },
  log: pino({ level: 'silent' }),
});
registerHandlers(probot, intent, { warn: (fields) => void warnings.push(fields) });

const receive = (event: string, payload: object) => run({ guid: 'guid', event, payload });

describe('handlers', () => {
  beforeEach(() => {
    calls = [];
    warnings = [];
    failing = false;
  });

  const push = { installation, repository, ref: 'refs/heads/feature/a', before, after, created: false, deleted: false };
  const pull = (repo: object | null) => ({ number: 7, head: { ref: 'feature/a', sha: after, repo } });
  const table: [string, string, object, [string, unknown] | null][] = [
    ['a push to a branch', 'push', push, ['pushed', { repository: facts, branch: 'feature/a', before, after, created: false, deleted: false, tree: null }]],
    [
      'a push that names the tree of its head',
      'push',
      { ...push, head_commit: { id: after, tree_id: before } },
      ['pushed', { repository: facts, branch: 'feature/a', before, after, created: false, deleted: false, tree: before }],
    ],
    ['a pushed tag', 'push', { ...push, ref: 'refs/tags/v1' }, null],
    ['a created branch', 'create', { installation, repository, ref: 'x', ref_type: 'branch' }, ['branchChanged', { repository: facts, branch: 'x' }]],
    ['a deleted branch', 'delete', { installation, repository, ref: 'x', ref_type: 'branch' }, ['branchChanged', { repository: facts, branch: 'x' }]],
    ['a created tag', 'create', { installation, repository, ref: 'x', ref_type: 'tag' }, null],
    [
      'an opened pull request',
      'pull_request',
      { action: 'opened', installation, repository, pull_request: pull({ id: 700 }) },
      ['pullChanged', { repository: facts, pull: { number: 7, headBranch: 'feature/a', headSha: after, fork: false }, action: 'opened', reopened: false }],
    ],
    [
      'a reopened pull request of a fork',
      'pull_request',
      { action: 'reopened', installation, repository, pull_request: pull({ id: 701 }) },
      ['pullChanged', { repository: facts, pull: { number: 7, headBranch: 'feature/a', headSha: after, fork: true }, action: 'reopened', reopened: true }],
    ],
    [
      'a pull request whose head repository is gone',
      'pull_request',
      { action: 'closed', installation, repository, pull_request: pull(null) },
      ['pullChanged', { repository: facts, pull: { number: 7, headBranch: 'feature/a', headSha: after, fork: true }, action: 'closed', reopened: false }],
    ],
    ['an assigned pull request', 'pull_request', { action: 'assigned', installation, repository, pull_request: pull(null) }, null],
    ['a renamed repository', 'repository', { action: 'renamed', installation, repository }, ['repositoryChanged', { repository: facts, change: 'renamed' }]],
    [
      'a suspended installation',
      'installation',
      { action: 'suspend', installation: { id: 4, account: { login: 'acme' } } },
      ['installationChanged', { installationId: 4, account: 'acme', change: 'suspend' }],
    ],
    [
      'a deleted installation of an enterprise',
      'installation',
      { action: 'deleted', installation: { id: 4, account: { slug: 'big' } } },
      ['installationChanged', { installationId: 4, account: 'big', change: 'deleted' }],
    ],
    [
      'repositories added and removed',
      'installation_repositories',
      { action: 'added', installation, repositories_added: [{ id: 1 }, { id: 2 }], repositories_removed: [{ id: 3 }] },
      ['repositoriesChanged', { installationId: 4, added: [{ repositoryId: 1 }, { repositoryId: 2 }], removed: [{ repositoryId: 3 }] }],
    ],
  ];
  for (const [what, name, payload, expected] of table) {
    it(`put ${what} into our words`, async () => {
      await receive(name, payload);
      assert.deepEqual(calls, expected ? [expected] : []);
      assert.deepEqual(warnings, []);
    });
  }

  it('leave a payload alone, with a warning, that is not of the shape GitHub describes', async () => {
    for (const payload of [{}, { ...push, repository: null }, { ...push, installation: undefined }, { ...push, ref: 7 }]) {
      await receive('push', payload);
    }
    assert.deepEqual(calls, []);
    assert.equal(warnings.length, 4);
  });

  it('reject the delivery when what it means could not be recorded', async () => {
    failing = true;
    await assert.rejects(receive('push', push), /the store is away/);
  });

  it('act on every example of GitHub that is marked as handled, and on no other', async () => {
    const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: Record<string, unknown>[] }[];
    let handled = 0;
    for (const { name, examples: payloads } of examples) {
      for (const payload of payloads) {
        calls = [];
        await receive(name, { ...payload, installation: { ...installation, account: { login: 'acme' } } });
        if (!isHandled(name, payload)) assert.deepEqual(calls, [], name);
        handled += calls.length;
      }
    }
    assert.ok(handled > 20, `${handled} of the examples were acted on`);
    assert.deepEqual(warnings, []);
  });
});
