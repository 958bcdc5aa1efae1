import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { appJwt, at, provoked, rest, secret, startHarness } from './harness.ts';

test('webhooks are signed over their bytes, say who they are, and come in order', async (t) => {
  const { github, received } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.commit({ repository, branch: 'b', files: { b: 'b' } });
  await github.openPullRequest({ repository, head: 'b', title: 'Ünïcode' });
  await github.delivered();
  assert.deepEqual(received.map(({ headers }) => headers['x-github-event']), ['installation', 'create', 'push', 'pull_request']);
  for (const [index, { headers, body }] of received.entries()) {
    assert.equal(headers['x-hub-signature-256'], `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    assert.equal(headers['content-type'], 'application/json');
    assert.match(headers['user-agent'] ?? '', /^GitHub-Hookshot\//);
    assert.equal(headers['x-github-hook-installation-target-id'], String(github.appId));
    assert.equal(headers['x-github-delivery'], github.deliveries()[index]?.guid);
    assert.deepEqual(JSON.parse(body.toString()), github.deliveries()[index]?.payload);
  }
});

test('a failed delivery is recorded and not repeated; a redelivery keeps its GUID', async (t) => {
  const { github, received, answerWith } = await startHarness(t);
  answerWith(500);
  await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.delivered();
  const [failed] = github.deliveries();
  assert.deepEqual([failed?.status, received.length], [500, 1]);
  answerWith(200);
  const again = await github.redeliver(failed?.guid ?? '');
  assert.deepEqual([again.guid, again.status, again.redelivery], [failed?.guid, 200, true]);
  assert.deepEqual(received[1]?.body, received[0]?.body);

  const listed = await rest(github, appJwt(github), 'GET', '/app/hook/deliveries?per_page=1');
  assert.equal(at(listed.body, '0.id'), again.id);
  const next = /<([^>]+)>; rel="next"/.exec(listed.headers.get('link') ?? '')?.[1] ?? '';
  const older = await rest(github, appJwt(github), 'GET', next);
  assert.equal(at(older.body, '0.id'), failed?.id);
  assert.equal(older.headers.get('link'), null);
});

test('attempts are kept for three days, and can be asked for by their outcome', async (t) => {
  let now = Date.now();
  const { github, answerWith } = await startHarness(t, { now: () => new Date(now) });
  const list = async (query = '') => rest(github, appJwt(github, { iat: Math.floor(now / 1_000), exp: Math.floor(now / 1_000) + 540 }), 'GET', `/app/hook/deliveries${query}`);
  const ids = async (query: string) => ((await list(query)).body as { id: number }[]).map(({ id }) => id);
  answerWith(500);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.delivered();
  answerWith(200);
  now += 86_400_000;
  await github.commit({ repository, branch: 'main', files: { a: 'b' } });
  await github.delivered();
  const [failed, good] = github.deliveries().map(({ id }) => id);
  assert.deepEqual([await ids(''), await ids('?status=failure'), await ids('?status=success')], [[good, failed], [failed], [good]]);
  for (const query of ['?status=lost', '?cursor=3', '?cursor=v1_x']) assert.equal((await list(query)).status, 422, query);
  assert.equal(provoked(github).length, 1, 'a status that GitHub does not know');
  now += 2 * 86_400_000 + 1_000;
  assert.deepEqual(await ids(''), [good]);
  const gone = await rest(github, appJwt(github, { iat: Math.floor(now / 1_000), exp: Math.floor(now / 1_000) + 540 }), 'GET', `/app/hook/deliveries/${failed}`);
  assert.equal(gone.status, 404);
});

test('a receiver that is not there, or drops, hinders nobody', async (t) => {
  const { github, received } = await startHarness(t, { webhook: { url: 'http://127.0.0.1:9/', secret } });
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.delivered();
  assert.equal(github.deliveries()[0]?.status, 0);
  assert.match(github.deliveries()[0]?.error ?? '', /ECONNREFUSED/);
  github.intercept(({ kind }) => (kind === 'webhook' ? 'drop' : undefined));
  await github.commit({ repository, branch: 'main', files: { a: 'b' } });
  await github.delivered();
  assert.equal(github.deliveries().at(-1)?.error, 'dropped by the interceptor');
  assert.equal(received.length, 0);
});

test('the App hears of what it is installed on, and of nothing while suspended', async (t) => {
  const { github } = await startHarness(t);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const quiet = await github.createRepository({ owner: 'acme', name: 'quiet', files: { a: 'a' }, installed: false });
  await github.commit({ repository: quiet, branch: 'main', files: { a: 'b' } });
  github.suspendInstallation('acme');
  await github.commit({ repository, branch: 'main', files: { a: 'b' } });
  github.unsuspendInstallation('acme');
  await github.commit({ repository, branch: 'main', files: { a: 'c' } });
  await github.delivered();
  const heard = github.deliveries().map(({ event, action, repositoryId }) => [event, action, repositoryId]);
  assert.deepEqual(heard, [
    ['installation', 'created', null],
    ['installation', 'suspend', null],
    ['installation', 'unsuspend', null],
    ['push', null, repository.id],
  ]);
});

test('closing ends deliveries that wait for an answer', async (t) => {
  const { github } = await startHarness(t);
  github.intercept(({ kind }) => (kind === 'webhook' ? { delayMs: 60_000 } : undefined));
  await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const started = performance.now();
  await github.close();
  assert.ok(performance.now() - started < 2_000);
});
