import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project, soon, startPartner } from './support.ts';

test('the token for fetching may read the contents of its one repository, and write nothing anywhere', async (context) => {
  const partner = await startPartner();
  context.after(() => partner.close());
  const { local, codeHost, reporter } = partner;
  const shop = await project(local, 'acme', { private: true });
  const { repository } = shop;
  const sha = await local.commit({ repository, branch: 'feature/a', from: 'main', files: { a: '1' } });
  const { number } = await local.openPullRequest({ repository, head: 'feature/a' });
  const { url, token } = await codeHost.cloneAccess(shop.project, soon());
  const rest = (path: string, body: object) =>
    fetch(`${local.url}/api/v3/repos/acme/shop/${path}`, {
      method: 'POST',
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: soon(),
    });
  const git = (service: string) =>
    fetch(`${url}/info/refs?service=${service}`, {
      headers: { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` },
      signal: soon(),
    });

  assert.equal((await git('git-upload-pack')).status, 200);
  assert.equal((await git('git-receive-pack')).status, 403);
  assert.equal((await rest(`issues/${number}/comments`, { body: 'x' })).status, 403);
  assert.equal((await rest('deployments', { ref: sha, auto_merge: false, required_contexts: [] })).status, 403);
  assert.deepEqual([local.comments(repository, number), local.deployments(repository)], [[], []]);

  const job = { previewId: 1, project: shop.project, pull: number, commentId: null, body: 'x', leaseNo: 1, attempts: 0 };
  await reporter.putComment(job, soon());
  assert.equal(local.comments(repository, number).length, 1, 'the App itself may');
});
