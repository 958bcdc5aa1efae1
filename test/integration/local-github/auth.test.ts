import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { appJwt, at, installationToken, provoked, rest, startHarness } from './harness.ts';

test('an App JWT is taken when right, and refused when forged, late, too long or another App’s', async (t) => {
  const { github } = await startHarness(t);
  const now = Math.floor(Date.now() / 1_000);
  const ask = async (jwt: string | undefined) => (await rest(github, jwt, 'GET', '/app')).status;
  assert.equal(await ask(appJwt(github)), 200);
  assert.equal(await ask(appJwt(github, { iss: String(github.appId) })), 200);
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.equal(await ask(appJwt({ ...github, privateKey: stranger })), 401);
  assert.equal(await ask(appJwt(github, { iss: github.appId + 1 })), 401);
  assert.equal(await ask(appJwt(github, { exp: now - 1 })), 401);
  assert.equal(await ask(appJwt(github, { exp: now + 700 })), 401);
  assert.equal(await ask(appJwt(github, { exp: undefined })), 401);
  assert.equal(await ask(appJwt(github, { iat: now + 120 })), 401);
  assert.equal(await ask(appJwt(github, {}, 'none')), 401);
  assert.equal(await ask(undefined), 401);
  assert.equal(await ask('ghs_unknown'), 401);
});

test('a token reaches its repositories and permissions and nothing else, until it expires', async (t) => {
  let skew = 0;
  const { github } = await startHarness(t, { now: () => new Date(Date.now() + skew) });
  const shop = await github.createRepository({ owner: 'acme', name: 'shop', private: true, files: { a: 'a' } });
  const blog = await github.createRepository({ owner: 'acme', name: 'blog', private: true, files: { a: 'a' } });
  const open = await github.createRepository({ owner: 'other', name: 'open', files: { a: 'a' } });
  const token = await installationToken(github, 'acme', { repository_ids: [shop.id], permissions: { contents: 'read' } });
  const ask = (path: string, method = 'GET', body?: unknown) => rest(github, token, method, path, { body });

  assert.equal((await ask('/repos/acme/shop')).status, 200);
  assert.equal((await ask(`/repositories/${shop.id}`)).status, 200);
  assert.equal((await ask('/repos/acme/blog')).status, 404);
  assert.equal((await ask(`/repositories/${blog.id}`)).status, 404);
  const list = await ask('/installation/repositories');
  assert.equal(at(list.body, 'total_count'), 1);
  const lacking = await ask('/repos/acme/shop/deployments');
  assert.equal(lacking.status, 403);
  assert.equal(at(lacking.body, 'message'), 'Resource not accessible by integration');
  assert.equal((await ask('/app')).status, 401);

  // A public repository of somebody else can be read with any token, as on GitHub, and not written to.
  assert.equal((await ask(`/repos/${open.fullName}`)).status, 200);
  assert.equal((await ask(`/repos/${open.fullName}/deployments`, 'POST', { ref: 'main' })).status, 403);
  assert.equal((await rest(github, undefined, 'GET', '/repos/acme/shop')).status, 404);
  assert.equal((await rest(github, undefined, 'GET', `/repos/${open.fullName}`)).status, 200);

  skew = 3_601_000;
  const late = await ask('/repos/acme/shop');
  assert.equal(late.status, 401);
  assert.equal(at(late.body, 'message'), 'Bad credentials');
});

test('no token is minted for more than the installation has', async (t) => {
  const { github } = await startHarness(t);
  const shop = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  const other = await github.createRepository({ owner: 'other', name: 'thing', files: { a: 'a' } });
  const installation = at((await rest(github, appJwt(github), 'GET', '/repos/acme/shop/installation')).body, 'id');
  const mint = async (body: unknown) =>
    (await rest(github, appJwt(github), 'POST', `/app/installations/${String(installation)}/access_tokens`, { body })).status;

  assert.equal(await mint({ repository_ids: [shop.id] }), 201);
  assert.equal(await mint({ repositories: ['shop'], permissions: { deployments: 'read' } }), 201);
  assert.equal(await mint({ repository_ids: [other.id] }), 422);
  assert.equal(await mint({ repositories: ['nothing'] }), 422);
  assert.equal(await mint({ permissions: { contents: 'write' } }), 422);
  assert.equal(await mint({ permissions: { administration: 'read' } }), 422);
  assert.equal(await mint({ repository: 'shop' }), 422);
  assert.deepEqual(provoked(github), ['request body /repository: no such field']);
  assert.equal((await rest(github, appJwt(github), 'POST', '/app/installations/1/access_tokens')).status, 404);
});

test('suspending, uninstalling and taking a repository away stop tokens that exist', async (t) => {
  const { github } = await startHarness(t);
  const shop = await github.createRepository({ owner: 'acme', name: 'shop', private: true, files: { a: 'a' } });
  const blog = await github.createRepository({ owner: 'acme', name: 'blog', private: true, files: { a: 'a' } });
  const token = await installationToken(github, 'acme');
  const ask = async (name: string) => (await rest(github, token, 'GET', `/repos/acme/${name}`)).status;

  github.removeRepositoryFromInstallation(blog);
  assert.deepEqual([await ask('shop'), await ask('blog')], [200, 404]);
  github.suspendInstallation('acme');
  const installation = at((await rest(github, appJwt(github), 'GET', '/app/installations')).body, '0.id');
  const minted = await rest(github, appJwt(github), 'POST', `/app/installations/${String(installation)}/access_tokens`);
  assert.deepEqual([await ask('shop'), minted.status], [403, 403]);
  github.unsuspendInstallation('acme');
  assert.equal(await ask('shop'), 200);
  await github.deleteRepository(shop);
  assert.equal(await ask('shop'), 404);
  github.deleteInstallation('acme');
  assert.equal(await ask('shop'), 401);
});
