import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Project } from '../../../src/domain/preview.ts';
import type { Asker } from '../../../src/github/ask.ts';
import { createCloneAccess } from '../../../src/github/clone-access.ts';

const shop: Project = { id: 1, repositoryId: 700, installationId: 5, owner: 'acme', name: 'shop', private: true, defaultBranch: 'main' };
const begin = Date.parse('2026-01-01T00:00:00Z');
const minutes = (count: number) => count * 60_000;

test('a token for fetching is kept until ten minutes before it expires', async () => {
  const { ask, at } = tokens();
  assert.deepEqual(await ask(shop), { url: 'https://github.example/acme/shop.git', token: 'token-1', kept: false });
  at(minutes(49));
  assert.deepEqual(await ask(shop), { url: 'https://github.example/acme/shop.git', token: 'token-1', kept: true });
  at(minutes(51));
  assert.deepEqual(await ask(shop), { url: 'https://github.example/acme/shop.git', token: 'token-2', kept: false });
});

test('who asks for a fresh one gets it, and so does everybody after that', async () => {
  const { ask } = tokens();
  await ask(shop);
  assert.equal((await ask(shop, { fresh: true })).token, 'token-2');
  assert.deepEqual(await ask(shop), { url: 'https://github.example/acme/shop.git', token: 'token-2', kept: true });
});

test('a repository that was renamed, transferred or is another one has a token of its own', async () => {
  const { ask } = tokens();
  const changes: Partial<Project>[] = [{}, { name: 'store' }, { owner: 'other' }, { installationId: 6 }, { repositoryId: 701 }];
  const seen = [];
  for (const change of changes) seen.push((await ask({ ...shop, ...change })).token);
  assert.deepEqual(seen, ['token-1', 'token-2', 'token-3', 'token-4', 'token-5']);
});

/** An App that gives out numbered tokens for an hour each; `at` sets the time since the beginning. */
function tokens() {
  let now = begin;
  let given = 0;
  const app = {
    request: (_route: string, { repository_ids: [id] }: { repository_ids: number[] }) => {
      given += 1;
      const expires_at = new Date(now + minutes(60)).toISOString();
      return Promise.resolve({ data: { token: `token-${given}`, expires_at, repositories: [{ id, name: 'shop', owner: { login: 'acme' } }] }, headers: {} });
    },
  } as unknown as Asker;
  const access = createCloneAccess(app, 'https://github.example', { now: () => new Date(now) });
  return {
    ask: (project: Project, options?: { fresh?: boolean }) => access(project, AbortSignal.timeout(1_000), options),
    at: (ms: number) => {
      now = begin + ms;
    },
  };
}
