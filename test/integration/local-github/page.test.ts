import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installationToken, rest, startHarness } from './harness.ts';

test('the page of a pull request shows comments and deployments, and nothing that a person wrote can act', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const branch = '<img/src=x>"$(x)';
  const sha = await github.commit({ repository, branch, files: { b: 'b' }, message: '<script>steal()</script>' });
  const pull = await github.openPullRequest({ repository, head: branch, title: '<script>steal()</script>', body: '**bold**\n\n<script>steal()</script>' });
  const token = await installationToken(github, 'acme');
  const post = (path: string, body: unknown) => rest(github, token, 'POST', `/repos/acme/shop${path}`, { body });
  await post('/issues/1/comments', { body: '<!-- a-marker -->\n| a |\n|---|\n| [b](http://b.test/) |' });
  const deployment = await post('/deployments', { ref: sha, auto_merge: false, required_contexts: [], environment: 'Preview' });
  const { id } = deployment.body as { id: number };
  await post(`/deployments/${id}/statuses`, { state: 'success', environment_url: 'http://live.test/', log_url: 'http://log.test/' });
  const response = await fetch(pull.pageUrl);
  const page = await response.text();
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.ok(page.includes('<strong>bold</strong>'));
  assert.ok(page.includes('<td><a href="http://b.test/" rel="nofollow noopener noreferrer">b</a></td>'));
  assert.ok(!page.includes('a-marker') && !page.includes('<script>') && !page.includes('<img'));
  assert.ok(page.includes('This branch was successfully deployed') && page.includes('href="http://live.test/"') && page.includes('href="http://log.test/"'));
  for (const path of ['/', '/acme/shop']) {
    const other = await (await fetch(github.url + path)).text();
    assert.ok(other.includes('shop') && !other.includes('<script>') && !other.includes('<img'));
  }
  assert.equal((await fetch(`${github.url}/acme/shop/pull/9`)).status, 404);
  assert.equal((await fetch(github.url.replace('127.0.0.1', 'localhost'))).status, 200);
});
