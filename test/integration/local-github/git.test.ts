import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { installationToken, startHarness } from './harness.ts';

const run = promisify(execFile);
const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
const me = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.com'];

async function git(...args: string[]): Promise<string> {
  return (await run('git', [...me, ...args], { env })).stdout.trim();
}

test('a person clones, pushes, forces and deletes, and the pull request follows before git returns', async (t) => {
  const { github, dir } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { 'index.html': 'one' } });
  const clone = join(dir, 'clone');
  await git('clone', '--quiet', github.personUrl(repository, 'acme'), clone);
  const here = (...args: string[]) => git('-C', clone, ...args);
  const branch = 'feature/$(x)`y`"z"<script>';
  await here('checkout', '--quiet', '-b', branch);
  await here('commit', '--quiet', '--allow-empty', '-m', 'one');
  await here('push', '--quiet', 'origin', 'HEAD');
  const first = await here('rev-parse', 'HEAD');
  assert.equal(github.branches(repository)[branch], first);
  await github.openPullRequest({ repository, head: branch });
  await here('commit', '--quiet', '--amend', '--allow-empty', '-m', 'other');
  await assert.rejects(here('push', '--quiet', 'origin', 'HEAD'));
  assert.equal(github.pullRequest(repository, 1).head.sha, first);
  await here('push', '--quiet', '--force', 'origin', 'HEAD');
  const second = await here('rev-parse', 'HEAD');
  assert.equal(github.pullRequest(repository, 1).head.sha, second);
  assert.equal((await here('ls-remote', 'origin', 'refs/pull/1/head')).split('\t')[0], second);
  await assert.rejects(here('push', '--quiet', 'origin', 'HEAD:refs/pull/1/head'), /hidden ref/);
  await assert.rejects(here('push', '--quiet', 'origin', ':main'), /refusing to delete the current branch/);
  await here('push', '--quiet', 'origin', `:${branch}`);
  assert.equal(github.pullRequest(repository, 1).state, 'closed');

  await github.delivered();
  const pushes = github.deliveries().filter(({ event }) => event === 'push').map(({ payload }) => [payload['before'], payload['after'], payload['created'], payload['forced'], payload['deleted']]);
  const zeros = '0'.repeat(40);
  assert.deepEqual(pushes, [
    [zeros, first, true, false, false],
    [first, second, false, true, false],
    [second, zeros, false, false, true],
  ]);
});

test('two pushes at the same time both count', async (t) => {
  const { github, dir } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const names = ['one', 'two', 'three'];
  for (const name of names) await git('clone', '--quiet', github.personUrl(repository, 'acme'), join(dir, name));
  await Promise.all(names.map((name) => git('-C', join(dir, name), 'push', '--quiet', 'origin', `HEAD:${name}`)));
  assert.deepEqual(Object.keys(github.branches(repository)).sort(), ['main', 'one', 'three', 'two']);
  await github.delivered();
  const created = github.deliveries().filter(({ event }) => event === 'create').map(({ payload }) => payload['ref']);
  assert.deepEqual(created.sort(), ['one', 'three', 'two']);
});

test('an installation token fetches any commit of its repositories, and pushes to none', async (t) => {
  const { github, dir } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', private: true, files: { a: 'a' } });
  const blog = await github.createRepository({ owner: 'acme', name: 'blog', private: true, files: { a: 'a' } });
  const old = await github.commit({ repository, branch: 'b', files: { b: '1' } });
  await github.forcePush({ repository, branch: 'b', to: 'main' });
  const token = await installationToken(github, 'acme', { repository_ids: [repository.id], permissions: { contents: 'read' } });
  const blind = await installationToken(github, 'acme', { permissions: { issues: 'read' } });
  const url = (name: string, password = token) => `http://x-access-token:${password}@${github.host}/acme/${name}.git`;
  const mirror = join(dir, 'mirror.git');
  await git('init', '--quiet', '--bare', mirror);
  const fetch = (from: string) => git('-C', mirror, 'fetch', '--quiet', '--depth=1', from, old);
  await fetch(url('shop'));
  assert.equal(await git('-C', mirror, 'cat-file', '-t', old), 'commit');
  await assert.rejects(fetch(url('blog')), /not found/);
  await assert.rejects(fetch(url('shop', blind)), /not found/);
  await assert.rejects(fetch(url('shop', 'ghs_wrong')), /Authentication failed/);
  await assert.rejects(fetch(blog.cloneUrl), /could not read Username/);
  await assert.rejects(git('-C', mirror, 'push', '--quiet', url('shop'), `${old}:refs/heads/x`), /403/);
  github.suspendInstallation('acme');
  await assert.rejects(fetch(url('shop')), /Authentication failed/);
});

test('a public repository is fetched by anybody, and pushed to by those who may write', async (t) => {
  const { github, dir } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const clone = join(dir, 'clone');
  await git('clone', '--quiet', repository.cloneUrl, clone);
  const stranger = github.personUrl(repository, 'stranger');
  await assert.rejects(git('-C', clone, 'push', '--quiet', stranger, 'HEAD:x'), /403/);
  github.setPermission({ repository, login: 'stranger', permission: 'write' });
  await git('-C', clone, 'push', '--quiet', stranger, 'HEAD:x');
  github.renameRepository(repository, 'store');
  await git('clone', '--quiet', repository.cloneUrl, join(dir, 'renamed'));
  await github.deleteRepository(repository);
  await assert.rejects(git('clone', '--quiet', stranger.replace('shop', 'store'), join(dir, 'deleted')), /not found/);
});
