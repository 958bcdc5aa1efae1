import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/demo/github/index.ts';
import { at, installationToken, provoked, rest, startHarness } from './harness.ts';

test('lists come in pages with links, and an unchanged page costs nothing', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  for (let count = 0; count < 4; count++) await github.createBranch({ repository, branch: `b/${count}` });
  const token = await installationToken(github, 'acme');
  const first = await rest(github, token, 'GET', '/repos/acme/shop/branches?per_page=2');
  assert.deepEqual((first.body as { name: string }[]).map(({ name }) => name), ['b/0', 'b/1']);
  const links = Object.fromEntries([...(first.headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)].map((m) => [m[2], m[1]]));
  assert.deepEqual(Object.keys(links), ['next', 'last']);
  const last = await rest(github, token, 'GET', String(links['last']));
  assert.deepEqual((last.body as { name: string }[]).map(({ name }) => name), ['main']);
  assert.match(last.headers.get('link') ?? '', /rel="prev".*rel="first"/);

  const etag = last.headers.get('etag') ?? '';
  assert.match(etag, /^W\/"/);
  const again = await rest(github, token, 'GET', String(links['last']), { headers: { 'If-None-Match': etag } });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('x-ratelimit-remaining'), last.headers.get('x-ratelimit-remaining'));
  await github.deleteBranch({ repository, branch: 'b/3' });
  assert.equal((await rest(github, token, 'GET', String(links['last']), { headers: { 'If-None-Match': etag } })).status, 200);
});

test('branches with hostile names are found however their name is written', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const token = await installationToken(github, 'acme');
  const names = ['feature/a', 'q"uo\'te', '$(touch x)`id`'.replace(' ', '-'), '<script>alert(1)</script>', 'ünï/日本', 'a/-b/--c', '%0d%0a', 'x#y?z'.replace('?', '!'), `long/${'x'.repeat(200)}`, '100%', 'a+b&c=d'];
  for (const branch of names) {
    const sha = await github.createBranch({ repository, branch });
    const encoded = await rest(github, token, 'GET', `/repos/acme/shop/branches/${encodeURIComponent(branch)}`);
    assert.deepEqual([encoded.status, at(encoded.body, 'name'), at(encoded.body, 'commit.sha')], [200, branch, sha]);
    const slashed = branch.split('/').map(encodeURIComponent).join('/');
    assert.equal((await rest(github, token, 'GET', `/repos/acme/shop/branches/${slashed}`)).status, 200, branch);
    const ref = await rest(github, token, 'GET', `/repos/acme/shop/git/ref/${encodeURIComponent(`heads/${branch}`)}`);
    assert.equal(at(ref.body, 'ref'), `refs/heads/${branch}`);
  }
  assert.equal((await rest(github, token, 'GET', '/repos/acme/shop/branches/feature')).status, 404);
  assert.deepEqual(Object.keys(github.branches(repository)).sort(), [...names, 'main'].sort());
});

test('a renamed repository answers at its old name with its id, and a new one of that name comes first', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const token = await installationToken(github, 'acme');
  github.renameRepository(repository, 'store');
  const moved = await rest(github, token, 'GET', '/repos/acme/shop/branches?per_page=1');
  assert.equal(moved.status, 301);
  assert.equal(moved.headers.get('location'), `${github.url}/api/v3/repositories/${repository.id}/branches?per_page=1`);
  assert.equal((await rest(github, token, 'GET', moved.headers.get('location') ?? '')).status, 200);
  assert.equal((await rest(github, token, 'POST', '/repos/acme/shop/deployments', { body: { ref: 'main' } })).status, 307);
  const second = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'b' } });
  assert.equal(at((await rest(github, token, 'GET', '/repos/acme/shop')).body, 'id'), second.id);
});

test('comments of the App are signed by its bot, and limits hold', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.commit({ repository, branch: 'b', files: { b: 'b' } });
  await github.openPullRequest({ repository, head: 'b' });
  const token = await installationToken(github, 'acme');
  const post = (body: unknown) => rest(github, token, 'POST', '/repos/acme/shop/issues/1/comments', { body });
  const written = await post({ body: 'x'.repeat(65_536) });
  assert.equal(written.status, 201);
  assert.deepEqual(
    [at(written.body, 'user.login'), at(written.body, 'user.type'), at(written.body, 'performed_via_github_app.id')],
    [`${github.slug}[bot]`, 'Bot', github.appId],
  );
  assert.equal((await post({ body: 'x'.repeat(65_537) })).status, 422);
  assert.equal((await post({ body: '' })).status, 422);
  assert.equal((await post({ body: 'x', colour: 'red' })).status, 422);
  assert.equal((await post({})).status, 422);
  assert.equal((await post('{"body":')).status, 400);
  assert.deepEqual(provoked(github), ['request body /colour: no such field', 'request body /body: this field', 'request body: a JSON object']);
  assert.equal((await rest(github, token, 'POST', '/repos/acme/shop/issues/9/comments', { body: { body: 'x' } })).status, 404);

  const { id } = github.comment({ repository, number: 1, body: 'from a person' });
  github.deleteComment({ repository, id });
  assert.equal((await rest(github, token, 'PATCH', `/repos/acme/shop/issues/comments/${id}`, { body: { body: 'x' } })).status, 404);
  const own = String(at(written.body, 'id'));
  await rest(github, token, 'PATCH', `/repos/acme/shop/issues/comments/${own}`, { body: { body: 'edited' } });
  assert.deepEqual(github.comments(repository, 1).map(({ body, edits, byApp }) => ({ body, edits, byApp })), [{ body: 'edited', edits: 1, byApp: true }]);
});

test('a deployment merges the base first unless told not to, waits for contexts, and retires older ones', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const before = await github.commit({ repository, branch: 'b', files: { b: 'b' } });
  await github.commit({ repository, branch: 'main', files: { c: 'c' } });
  const token = await installationToken(github, 'acme');
  const post = (path: string, body: JsonObject) => rest(github, token, 'POST', `/repos/acme/shop/deployments${path}`, { body });
  const plain = { auto_merge: false, required_contexts: [] };

  assert.equal((await post('', { ref: 'b' })).status, 202);
  assert.notEqual(github.branches(repository)['b'], before);
  assert.equal((await post('', { ref: 'b', auto_merge: false, required_contexts: ['ci'] })).status, 409);
  assert.equal((await post('', { ref: 'nothing', ...plain })).status, 422);
  const ids: unknown[] = [];
  for (const transient of [false, true, false]) {
    const made = await post('', { ref: 'b', ...plain, environment: 'Preview', transient_environment: transient });
    assert.equal(made.status, 201);
    ids.push(at(made.body, 'id'));
    assert.equal((await post(`/${String(at(made.body, 'id'))}/statuses`, { state: 'success', environment_url: 'http://x.test' })).status, 201);
  }
  assert.deepEqual(github.deployments(repository).map(({ statuses }) => statuses.map(({ state }) => state)), [['success', 'inactive'], ['success'], ['success']]);
  assert.equal((await post(`/${String(ids[0])}/statuses`, { state: 'done' })).status, 422);
  assert.match(provoked(github).join('\n'), /^request body \/state: one of \[.*\], not "done"$/);
  assert.equal((await post(`/${String(ids[0])}/statuses`, { state: 'success', log_url: 'javascript:x' })).status, 422);
  assert.equal((await post(`/${String(ids[0])}/statuses`, { state: 'error', description: 'x'.repeat(141) })).status, 422);
  const listed = await rest(github, token, 'GET', '/repos/acme/shop/deployments?environment=Preview&ref=b&per_page=1');
  assert.deepEqual((listed.body as { id: number }[]).map(({ id }) => id), [ids[2]]);
});

test('pull requests are listed by state, head and base', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  for (const branch of ['a', 'b', 'c']) {
    await github.commit({ repository, branch, files: { [branch]: branch } });
    await github.openPullRequest({ repository, head: branch });
  }
  await github.closePullRequest({ repository, number: 2 });
  const token = await installationToken(github, 'acme');
  const list = async (query: string) =>
    ((await rest(github, token, 'GET', `/repos/acme/shop/pulls${query}`)).body as { number: number }[]).map(({ number }) => number);
  assert.deepEqual(await list(''), [3, 1]);
  assert.deepEqual(await list('?state=all&sort=created&direction=asc'), [1, 2, 3]);
  assert.deepEqual(await list('?state=closed&head=acme:b'), [2]);
  assert.deepEqual(await list('?head=other:a'), []);
  assert.deepEqual(await list('?base=a'), []);
});

test('requests are logged by template, and an interceptor can refuse, delay and drop them', async (t) => {
  const { github } = await startHarness(t);
  await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const token = await installationToken(github, 'acme');
  github.intercept(({ kind, path }) => (kind === 'rest' && path.startsWith('/repos/acme/shop') ? { status: 502, body: { message: 'Bad gateway' } } : undefined));
  assert.equal((await rest(github, token, 'GET', '/repos/acme/shop')).status, 502);
  github.intercept(() => 'drop');
  await assert.rejects(rest(github, token, 'GET', '/repos/acme/shop'), /fetch failed/);
  github.intercept(() => ({ delayMs: 60 }));
  const started = performance.now();
  assert.equal((await rest(github, token, 'GET', '/repos/acme/shop')).status, 200);
  assert.ok(performance.now() - started >= 55);
  github.intercept(undefined);
  await rest(github, 'ghs_unknown', 'GET', '/repos/acme/shop/branches/main');
  const last = github.requests().slice(-2);
  assert.deepEqual(last.map(({ path, status, auth }) => ({ path, status, auth })), [
    { path: '/repos/{owner}/{repo}', status: 200, auth: 'installation' },
    { path: '/repos/{owner}/{repo}/branches/{branch}', status: 401, auth: 'refused' },
  ]);
});
