import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, LocalGitHub, RepositorySnapshot } from '../../../src/demo/github/index.ts';
import { readCut, type RestCut, type WebhookCut } from '../../../src/demo/github/contract/cut.ts';
import { appJwt, installationToken, rest, startHarness } from './harness.ts';

type Step = [operation: string, path: string, token: 'app' | 'installation', body?: JsonObject];

test('every REST answer is what GitHub describes', async (t) => {
  const { github } = await startHarness(t);
  const repository = await lively(github);
  const token = await installationToken(github, 'octo-org');
  const root = `/repos/${repository.fullName}`;
  const post = async (path: string, body: JsonObject) => ((await rest(github, token, 'POST', path, { body })).body as { id: number }).id;
  const comment = await post(`${root}/issues/1/comments`, { body: 'Hello' });
  const deployment = await post(`${root}/deployments`, { ref: 'feature/a', auto_merge: false, required_contexts: [] });
  await github.delivered();
  const delivery = github.deliveries().at(-1)?.id;
  const installation = github.deliveries().find(({ event }) => event === 'installation')?.installationId;

  const steps: Step[] = [
    ['get /app', '/app', 'app'],
    ['get /app/installations', '/app/installations', 'app'],
    ['get /app/installations/{installation_id}', `/app/installations/${installation}`, 'app'],
    ['get /repos/{owner}/{repo}/installation', `${root}/installation`, 'app'],
    ['post /app/installations/{installation_id}/access_tokens', `/app/installations/${installation}/access_tokens`, 'app', { repository_ids: [repository.id] }],
    ['get /app/hook/deliveries', '/app/hook/deliveries', 'app'],
    ['get /app/hook/deliveries/{delivery_id}', `/app/hook/deliveries/${delivery}`, 'app'],
    ['post /app/hook/deliveries/{delivery_id}/attempts', `/app/hook/deliveries/${delivery}/attempts`, 'app'],
    ['get /installation/repositories', '/installation/repositories', 'installation'],
    ['get /repos/{owner}/{repo}', root, 'installation'],
    ['get /repos/{owner}/{repo}/branches', `${root}/branches`, 'installation'],
    ['get /repos/{owner}/{repo}/branches/{branch}', `${root}/branches/feature/a`, 'installation'],
    ['get /repos/{owner}/{repo}/git/ref/{ref}', `${root}/git/ref/heads%2Ffeature%2Fa`, 'installation'],
    ['get /repos/{owner}/{repo}/git/matching-refs/{ref}', `${root}/git/matching-refs/heads/feature`, 'installation'],
    ['get /repos/{owner}/{repo}/commits/{ref}', `${root}/commits/feature/a`, 'installation'],
    ['get /repos/{owner}/{repo}/git/commits/{commit_sha}', `${root}/git/commits/${github.branches(repository)['feature/a']}`, 'installation'],
    ['get /repos/{owner}/{repo}/pulls', `${root}/pulls?state=all`, 'installation'],
    ['get /repos/{owner}/{repo}/pulls/{pull_number}', `${root}/pulls/1`, 'installation'],
    ['get /repos/{owner}/{repo}/pulls/{pull_number}', `${root}/pulls/2`, 'installation'],
    ['get /repos/{owner}/{repo}/issues/{issue_number}/comments', `${root}/issues/1/comments`, 'installation'],
    ['post /repos/{owner}/{repo}/issues/{issue_number}/comments', `${root}/issues/1/comments`, 'installation', { body: 'Again' }],
    ['get /repos/{owner}/{repo}/issues/comments/{comment_id}', `${root}/issues/comments/${comment}`, 'installation'],
    ['patch /repos/{owner}/{repo}/issues/comments/{comment_id}', `${root}/issues/comments/${comment}`, 'installation', { body: 'New' }],
    ['delete /repos/{owner}/{repo}/issues/comments/{comment_id}', `${root}/issues/comments/${comment}`, 'installation'],
    ['post /repos/{owner}/{repo}/deployments', `${root}/deployments`, 'installation', { ref: 'feature/a', auto_merge: false, required_contexts: [], transient_environment: true, environment: 'Preview' }],
    ['get /repos/{owner}/{repo}/deployments', `${root}/deployments`, 'installation'],
    ['get /repos/{owner}/{repo}/deployments/{deployment_id}', `${root}/deployments/${deployment}`, 'installation'],
    ['post /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', `${root}/deployments/${deployment}/statuses`, 'installation', { state: 'success', environment_url: 'http://x.test/', log_url: 'http://x.test/log' }],
    ['get /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', `${root}/deployments/${deployment}/statuses`, 'installation'],
    ['get /repos/{owner}/{repo}/collaborators/{username}/permission', `${root}/collaborators/octo-org-admin/permission`, 'installation'],
    ['get /rate_limit', '/rate_limit', 'installation'],
  ];
  const asked = new Set<string>();
  for (const [operation, path, who, body] of steps) {
    const [method = '', template] = operation.split(' ');
    const answer = await rest(github, who === 'app' ? appJwt(github) : token, method.toUpperCase(), path, { body });
    asked.add(`${method.toUpperCase()} ${template}`);
    assert.ok(answer.status < 300, `${operation}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  assert.deepEqual(github.violations(), []);
  const { operations } = readCut<RestCut>('rest');
  assert.deepEqual([...asked].sort(), Object.keys(operations).sort());
});

test('every webhook is what GitHub describes', async (t) => {
  const { github } = await startHarness(t);
  const repository = await lively(github);
  await everyEvent(github, repository);
  await github.delivered();
  assert.deepEqual(github.violations(), []);
  const sent = new Set(github.deliveries().map(({ event, action }) => [event, ...(action === null ? [] : [action])].join('-').replaceAll('_', '-')));
  const { webhooks } = readCut<WebhookCut>('webhooks');
  assert.deepEqual(Object.keys(webhooks).filter((name) => !sent.has(name)), notSent);
});

/** Described since it has a handler; nobody can change the permissions of the App here. */
const notSent = ['installation-new-permissions-accepted'];

/** A repository of an organization with an open pull request, a merged one, and one from a fork. */
async function lively(github: LocalGitHub): Promise<RepositorySnapshot> {
  github.createAccount({ login: 'octo-org', type: 'Organization' });
  const repository = await github.createRepository({ owner: 'octo-org', name: 'shop', files: { 'index.html': 'one\n' } });
  await github.commit({ repository, branch: 'feature/a', files: { 'a.txt': 'a\n' } });
  await github.openPullRequest({ repository, head: 'feature/a', body: 'Please' });
  await github.commit({ repository, branch: 'b', files: { 'b.txt': 'b\n' } });
  await github.openPullRequest({ repository, head: 'b' });
  await github.mergePullRequest({ repository, number: 2, deleteBranch: true });
  const fork = await github.forkRepository({ repository, owner: 'stranger' });
  await github.commit({ repository: fork, branch: 'c', files: { 'c.txt': 'c\n' } });
  await github.openPullRequest({ repository, head: 'c', headRepository: fork });
  return repository;
}

async function everyEvent(github: LocalGitHub, repository: RepositorySnapshot): Promise<void> {
  const pull = { repository, number: 1 };
  const { id } = github.comment({ ...pull, body: 'one' });
  github.editComment({ repository, id, body: 'two' });
  github.deleteComment({ repository, id });
  await github.editPullRequest({ ...pull, title: 'Other' });
  github.convertToDraft(pull);
  github.readyForReview(pull);
  github.label({ ...pull, name: 'preview' });
  github.unlabel({ ...pull, name: 'preview' });
  await github.commit({ repository, branch: 'feature/a', files: { 'a.txt': 'aa\n' } });
  await github.closePullRequest(pull);
  await github.reopenPullRequest(pull);
  github.renameRepository(repository, 'store');
  github.setPrivate(repository, true);
  github.setPrivate(repository, false);
  const other = await github.createRepository({ owner: 'other', name: 'thing', files: { a: 'a' } });
  github.transferRepository(repository, 'other');
  github.removeRepositoryFromInstallation(other);
  github.addRepositoryToInstallation(repository);
  github.renameRepository(repository, 'shop');
  github.transferRepository(repository, 'octo-org');
  github.addRepositoryToInstallation(repository);
  github.suspendInstallation('octo-org');
  github.unsuspendInstallation('octo-org');
  github.install({ account: 'everything' });
  const moving = await github.createRepository({ owner: 'other', name: 'moving', files: { a: 'a' } });
  github.transferRepository(moving, 'everything');
  github.createAccount({ login: 'old-org', type: 'Organization' });
  const sold = await github.createRepository({ owner: 'old-org', name: 'sold', files: { a: 'a' } });
  github.transferRepository(sold, 'everything');
  await github.deleteRepository(repository);
  github.deleteInstallation('octo-org');
  github.ping();
}
