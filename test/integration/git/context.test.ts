import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { pino } from 'pino';
import { createGit } from '../../../src/git/git.ts';
import { commit, git as person, startGitServer } from './git-server.ts';

test('what is sent to the build holds the pushed files and not the token that fetched them', async (context) => {
  const root = await mkdtemp(join(tmpdir(), 'kosuke-context-'));
  context.after(() => rm(root, { recursive: true }));
  const work = join(root, 'work');
  person(root, 'init', '--quiet', '--bare', join(root, 'shop.git'));
  person(root, 'init', '--quiet', '-b', 'main', work);
  const sha = await commit(work, { Dockerfile: 'FROM scratch\n', 'app/index.html': 'pushed by a person' });
  person(work, 'push', '--quiet', join(root, 'shop.git'), 'main');
  const server = await startGitServer(root);
  context.after(() => server.close());

  const git = createGit({ dir: join(root, 'mirrors'), log: pino({ level: 'silent' }) });
  const token = `ghs_${randomBytes(18).toString('hex')}`;
  const signal = AbortSignal.timeout(20_000);
  await git.fetch({ projectId: 1, url: server.url('shop'), token, sha, deploymentId: 1 }, signal);
  const sent = (await buffer(git.archive(1, sha, signal))).toString('latin1');
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  assert.ok(server.seen.includes(`Basic ${basic}`));
  assert.ok(sent.includes('pushed by a person') && sent.includes('FROM scratch'));
  for (const secret of [token, basic, 'x-access-token', server.url('shop')]) assert.ok(!sent.includes(secret));
});
