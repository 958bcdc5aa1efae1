import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalGitHub } from '../../../src/demo/github/index.ts';
import { git } from '../../../src/demo/github/git/run.ts';
import { at, installationToken, rest, startHarness } from './harness.ts';

/** The events since a delivery count, as `event` or `event.action`. */
async function eventsSince(github: LocalGitHub, count: number): Promise<string[]> {
  await github.delivered();
  return github.deliveries().slice(count).map(({ event, action }) => (action === null ? event : `${event}.${action}`));
}

test('a fork’s pull request lives in the base repository, follows the fork, and outlives it', async (t) => {
  const { github, dir } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const fork = await github.forkRepository({ repository, owner: 'stranger' });
  await github.commit({ repository: fork, branch: 'fix', files: { b: 'b' } });
  const opened = await github.openPullRequest({ repository, head: 'fix', headRepository: fork });
  assert.deepEqual([opened.author, opened.head.repositoryId, opened.base.repositoryId], ['stranger', fork.id, repository.id]);
  const start = github.deliveries().length;
  const pushed = await github.commit({ repository: fork, branch: 'fix', files: { b: 'bb' } });
  assert.equal(github.pullRequest(repository, 1).head.sha, pushed);
  const base = `${dir}/repositories/${repository.id}.git`;
  assert.equal((await git(base, ['rev-parse', 'refs/pull/1/head'])).toString().trim(), pushed);
  // The App is not installed on the fork: it hears of the pull request only.
  assert.deepEqual((await eventsSince(github, start)).filter((event) => event === 'push'), []);
  assert.equal(github.deliveries().at(-1)?.action, 'synchronize');
  await github.deleteRepository(fork);
  const token = await installationToken(github, 'acme');
  const read = await rest(github, token, 'GET', '/repos/acme/shop/pulls/1');
  assert.deepEqual([at(read.body, 'head.repo'), at(read.body, 'head.sha')], [null, pushed]);
});

test('a merge closes the pull request, deletes its branch, and moves what was stacked on it', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.commit({ repository, branch: 'one', files: { b: 'b' } });
  await github.commit({ repository, branch: 'two', from: 'one', files: { c: 'c' } });
  await github.openPullRequest({ repository, head: 'one' });
  await github.openPullRequest({ repository, head: 'two', base: 'one' });
  await github.delivered();
  const start = github.deliveries().length;
  const merged = await github.mergePullRequest({ repository, number: 1, deleteBranch: true });
  assert.deepEqual([merged.state, merged.merged, merged.mergeCommitSha], ['closed', true, github.branches(repository)['main']]);
  assert.deepEqual(Object.keys(github.branches(repository)), ['main', 'two']);
  assert.deepEqual([github.pullRequest(repository, 2).state, github.pullRequest(repository, 2).base.ref], ['open', 'main']);
  assert.deepEqual(await eventsSince(github, start), ['push', 'pull_request.closed', 'pull_request.edited', 'delete', 'push']);
});

test('pushing a branch’s commits to the base merges its pull request', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.commit({ repository, branch: 'one', files: { b: 'b' } });
  await github.openPullRequest({ repository, head: 'one' });
  await github.forcePush({ repository, branch: 'main', to: 'one' });
  assert.equal(github.pullRequest(repository, 1).merged, true);
});

test('deleting a head closes, and a force-pushed or deleted branch is not reopened', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const sha = await github.commit({ repository, branch: 'one', files: { b: 'b' } });
  const pull = { repository, number: 1 };
  await github.openPullRequest({ repository, head: 'one' });
  await github.deleteBranch({ repository, branch: 'one' });
  assert.equal(github.pullRequest(repository, 1).state, 'closed');
  await assert.rejects(github.reopenPullRequest(pull), /no branch one/);
  await github.commit({ repository, branch: 'one', files: { d: 'd' } });
  await assert.rejects(github.reopenPullRequest(pull), /force-pushed or recreated/);
  await github.forcePush({ repository, branch: 'one', to: sha });
  const later = await github.commit({ repository, branch: 'one', files: { b: 'bb' } });
  assert.equal((await github.reopenPullRequest(pull)).head.sha, later);
});

test('GitHub refuses pull requests without commits, twice, or from nowhere, and merges with conflicts', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.createBranch({ repository, branch: 'same' });
  await assert.rejects(github.openPullRequest({ repository, head: 'same' }), /No commits between/);
  await assert.rejects(github.openPullRequest({ repository, head: 'nowhere' }), /no branch nowhere/);
  await github.commit({ repository, branch: 'one', files: { a: 'mine' } });
  const opened = await github.openPullRequest({ repository, head: 'one', draft: true });
  assert.equal(opened.number, 1, 'what was refused takes no number');
  await assert.rejects(github.openPullRequest({ repository, head: 'one' }), /already exists/);
  await assert.rejects(github.mergePullRequest({ repository, number: 1 }), /draft/);
  github.readyForReview({ repository, number: 1 });
  await github.commit({ repository, branch: 'main', files: { a: 'theirs' } });
  await assert.rejects(github.mergePullRequest({ repository, number: 1 }), /conflicts/);
  const token = await installationToken(github, 'acme');
  assert.equal(at((await rest(github, token, 'GET', '/repos/acme/shop/pulls/1')).body, 'mergeable'), false);
});
