import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { commentMarker } from '../../../src/domain/comment.ts';
import { createGithub } from '../../../src/github/probot.ts';
import { createReporter } from '../../../src/github/reporter.ts';
import { startLossyProxy } from './lossy-proxy.ts';
import { isTrouble, type Partner, project, realClock, soon, startPartner, webhookSecret, withFault } from './support.ts';

describe('the reporter over the local GitHub', () => {
  let partner: Partner;
  before(async () => {
    partner = await startPartner({ timeoutMs: 1_000 });
  });
  after(() => partner.close());

  const openPull = async (owner: string) => {
    const shop = await project(partner.local, owner);
    const sha = await partner.local.commit({ repository: shop.repository, branch: 'x', from: 'main', files: { a: '1' } });
    const { number } = await partner.local.openPullRequest({ repository: shop.repository, head: 'x' });
    return { ...shop, sha, number, comments: () => partner.local.comments(shop.repository, number) };
  };
  type Pull = Awaited<ReturnType<typeof openPull>>;
  const put = (pull: Pull, text: string, commentId: number | null) =>
    partner.reporter.putComment({ project: pull.project, pull: pull.number, commentId, body: `${commentMarker}\n${text}` }, soon());

  it('writes one comment as the App and edits it in place', async () => {
    const pull = await openPull('writer');
    const { commentId } = await put(pull, 'building', null);
    assert.deepEqual(await put(pull, 'running', commentId), { commentId });
    const [comment, ...others] = pull.comments();
    assert.deepEqual(others, []);
    assert.deepEqual([comment?.body, comment?.byApp, comment?.edits], [`${commentMarker}\nrunning`, true, 1]);
  });

  it('finds its comment again when its id was lost, beyond the first page of others', async () => {
    const pull = await openPull('loser');
    for (let i = 0; i < 101; i += 1) partner.local.comment({ repository: pull.repository, number: pull.number, body: `no. ${i}` });
    const { commentId } = await put(pull, 'one', null);
    assert.deepEqual(await put(pull, 'two', null), { commentId });
    assert.equal(pull.comments().length, 102);
  });

  it('finds its comment again when it is the first of a new page after a full one that it had read', async () => {
    const pull = await openPull('fuller');
    for (let i = 0; i < 100; i += 1) partner.local.comment({ repository: pull.repository, number: pull.number, body: `no. ${i}` });
    const { commentId } = await put(pull, 'one', null);
    assert.deepEqual(await put(pull, 'two', null), { commentId });
    assert.equal(pull.comments().length, 101);
  });

  it('leaves alone a comment with its marker that a person wrote', async () => {
    const pull = await openPull('impostor');
    const pasted = `${commentMarker}\nmine`;
    partner.local.comment({ repository: pull.repository, number: pull.number, body: pasted });
    await put(pull, 'ours', null);
    assert.deepEqual(pull.comments().map(({ body, byApp }) => [body, byApp]), [[pasted, false], [`${commentMarker}\nours`, true]]);
  });

  it('keeps the oldest of several of its comments', async () => {
    const pull = await openPull('doubler');
    const first = await put(pull, 'one', null);
    const second = await createdBeside(pull);
    assert.deepEqual(await put(pull, 'three', null), first);
    assert.deepEqual(pull.comments().map(({ id, body }) => [id, body.split('\n')[1]]), [[first.commentId, 'three'], [second, 'two']]);
  });

  /** A second comment by the App, as a crash between creating and storing used to leave them. */
  async function createdBeside(pull: Pull): Promise<number> {
    const octokit = partner.github.octokitFor(pull.project.installationId);
    const { owner, name: repo } = pull.project;
    const made = await octokit.rest.issues.createComment({ owner, repo, issue_number: pull.number, body: `${commentMarker}\ntwo` });
    return made.data.id;
  }

  it('writes a new comment, once, when a person deleted the one it knew', async () => {
    const pull = await openPull('deleter');
    const { commentId } = await put(pull, 'one', null);
    partner.local.deleteComment({ repository: pull.repository, id: commentId });
    const again = await put(pull, 'two', commentId);
    assert.notEqual(again.commentId, commentId);
    assert.deepEqual(await put(pull, 'three', commentId), again);
    assert.equal(pull.comments().length, 1);
  });

  it('creates no second comment after one whose answer was lost', async () => {
    const pull = await openPull('answerless');
    const lossy = await startLossyProxy(partner.local.url, ({ method, url }) => method === 'POST' && /\/issues\/\d+\/comments$/.test(url ?? ''));
    const { appId, privateKey } = partner.local;
    const github = await createGithub({ appId, privateKey, webhookSecret, apiUrl: `${lossy.url}/api/v3`, clock: realClock, log: partner.log });
    const reporter = createReporter({ ...github, appId });
    const request = { project: pull.project, pull: pull.number, commentId: null, body: `${commentMarker}\none` };
    try {
      await assert.rejects(reporter.putComment(request, soon()), isTrouble(/could not be reached/));
      const [created] = pull.comments();
      assert.deepEqual(await reporter.putComment({ ...request, body: `${commentMarker}\ntwo` }, soon()), { commentId: created?.id });
      assert.deepEqual(pull.comments().map(({ body }) => body), [`${commentMarker}\ntwo`]);
    } finally {
      lossy.close();
    }
  });

  it('writes to a renamed repository', async () => {
    const pull = await openPull('renamed');
    partner.local.renameRepository(pull.repository, 'store');
    const { commentId } = await put(pull, 'one', null);
    await put(pull, 'two', commentId);
    assert.deepEqual(pull.comments().map(({ id, body }) => [id, body]), [[commentId, `${commentMarker}\ntwo`]]);
  });

  const hopeless: [string, object, RegExp][] = [
    ['a locked conversation', { status: 403, body: { message: 'Unable to create comment because issue is locked.' } }, /locked/],
    ['an archived repository', { status: 403, body: { message: 'Repository was archived so is read-only.' } }, /archived/],
    ['a missing permission', { status: 403, body: { message: 'Resource not accessible by integration' } }, /not accessible/],
    ['a refused text', { status: 422, body: { message: 'Validation Failed', errors: [] } }, /Validation Failed/],
  ];
  for (const [name, fault, why] of hopeless) {
    it(`says that trying again does not help with ${name}`, async () => {
      const pull = await openPull(`hopeless-${hopeless.findIndex(([one]) => one === name)}`);
      await withFault(partner.local, { method: 'POST', path: /comments$/ }, fault, () =>
        assert.rejects(put(pull, 'one', null), isTrouble(why, false)),
      );
    });
  }

  it('says that trying again does not help when the repository is gone', async () => {
    const pull = await openPull('vanished');
    const { commentId } = await put(pull, 'one', null);
    await partner.local.deleteRepository(pull.repository);
    await assert.rejects(put(pull, 'two', commentId), isTrouble(/404/, false));
  });

  const passing: [string, object | 'drop'][] = [
    ['a 500', { status: 500, body: { message: 'Server Error' } }],
    ['a cut connection', 'drop'],
    ['a suspended App', { status: 403, body: { message: 'This installation has been suspended' } }],
    ['a 404 page of a proxy', { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }],
    ['a rate limit', { status: 429, headers: { 'retry-after': '1' }, body: { message: 'Too many requests' } }],
  ];
  for (const [name, fault] of passing) {
    it(`says that trying again may help after ${name}`, async () => {
      const pull = await openPull(`passing-${passing.findIndex(([one]) => one === name)}`);
      await withFault(partner.local, { method: 'POST', path: /comments$/ }, fault, () =>
        assert.rejects(put(pull, 'one', null), isTrouble(/./)),
      );
      assert.deepEqual(pull.comments(), []);
    });
  }

  it('creates a deployment of exactly the commit, and its statuses', async () => {
    const pull = await openPull('deployer');
    await partner.local.commit({ repository: pull.repository, branch: 'main', files: { later: '1' } });
    const previewUrl = 'https://project-1-x.kosuke.ai';
    const { id } = await partner.reporter.createDeployment({ project: pull.project, sha: pull.sha, ours: 'test/1', maybeCreated: false, previewUrl }, soon());
    const status = { project: pull.project, githubDeploymentId: id, logUrl: 'https://kosuke.ai/logs/1' };
    await partner.reporter.createStatus({ ...status, status: 'in_progress', environmentUrl: null, description: 'Building' }, soon());
    await partner.reporter.createStatus({ ...status, status: 'success', environmentUrl: previewUrl, description: 'x'.repeat(200) }, soon());
    const [deployment, ...others] = partner.local.deployments(pull.repository);
    assert.deepEqual(others, []);
    assert.deepEqual(
      { id: deployment?.id, sha: deployment?.sha, environment: deployment?.environment, transient: deployment?.transient, production: deployment?.production },
      { id, sha: pull.sha, environment: 'Preview', transient: true, production: false },
    );
    assert.deepEqual(
      deployment?.statuses.map(({ state, environmentUrl, logUrl, description, automatic }) => [state, environmentUrl, logUrl, description, automatic]),
      [
        ['in_progress', '', status.logUrl, 'Building', false],
        ['success', previewUrl, status.logUrl, `${'x'.repeat(139)}…`, false],
      ],
    );
    assert.equal(partner.local.branches(pull.repository)['x'], pull.sha);
  });

  it('takes the deployment whose answer was lost, and nobody else\'s, before it creates another', async () => {
    const pull = await openPull('lost-answer');
    const request = { project: pull.project, sha: pull.sha, ours: 'test/12', maybeCreated: false, previewUrl: 'https://x.kosuke.ai' };
    const { id } = await partner.reporter.createDeployment(request, soon());
    assert.deepEqual(await partner.reporter.createDeployment({ ...request, maybeCreated: true }, soon()), { id });
    const other = await partner.reporter.createDeployment({ ...request, ours: 'test/1', maybeCreated: true }, soon());
    assert.notEqual(other.id, id);
    assert.equal(partner.local.deployments(pull.repository).length, 2);
  });

  it('leaves older deployments as they are when a newer one succeeds', async () => {
    const pull = await openPull('sparing');
    const ids: number[] = [];
    for (let i = 0; i < 2; i += 1) {
      const { id } = await partner.reporter.createDeployment({ project: pull.project, sha: pull.sha, ours: 'test/1', maybeCreated: false, previewUrl: 'https://x.kosuke.ai' }, soon());
      ids.push(id);
      const status = { githubDeploymentId: id, status: 'success', logUrl: 'https://kosuke.ai/l', environmentUrl: null, description: '' } as const;
      await partner.reporter.createStatus({ project: pull.project, ...status }, soon());
    }
    assert.deepEqual(partner.local.deployments(pull.repository).map(({ id, statuses }) => [id, statuses.length]), ids.map((id) => [id, 1]));
  });

  it('says plainly that a commit is not there', async () => {
    const pull = await openPull('unknown-commit');
    const request = { project: pull.project, sha: '1'.repeat(40), ours: 'test/1', maybeCreated: false, previewUrl: 'https://x.kosuke.ai' };
    await assert.rejects(partner.reporter.createDeployment(request, soon()), isTrouble(/422/, false));
  });

  it('goes on with a new token when GitHub refuses the one it had', async (t) => {
    const shop = await project(partner.local, 'revoked');
    const mints = () => partner.local.requests().filter(({ url }) => url.endsWith(`/${shop.project.installationId}/access_tokens`)).length;
    const refused = { status: 401, body: { message: 'Bad credentials' } };
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await partner.codeHost.heads(shop.project, soon());
    t.mock.timers.setTime(Date.now() + 120_000);
    await withFault(partner.local, { method: 'GET', path: /branches/, times: 1 }, refused, () => partner.codeHost.heads(shop.project, soon()));
    assert.equal(mints(), 2);
    t.mock.timers.setTime(Date.now() + 120_000);
    await partner.codeHost.heads(shop.project, soon());
    assert.equal(mints(), 2);
    t.mock.timers.setTime(Date.now() + 3_600_000);
    await partner.codeHost.heads(shop.project, soon());
    assert.equal(mints(), 3);
  });
});
