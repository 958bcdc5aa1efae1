import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { GithubResult, Metrics } from '../../../src/reconcile/ports/metrics.ts';
import { project, soon, startPartner, withFault } from './support.ts';

/** What the GitHub side told: results in order, and what is allowed to whom, the newest. */
async function told(context: TestContext, options: { timeoutMs?: number } = {}) {
  const results: GithubResult[] = [];
  const allowed = new Map<number | 'app', { remaining: number; resetAt: Date }>();
  const metrics: Pick<Metrics, 'githubAsked' | 'githubAllows'> = {
    githubAsked: (result) => void results.push(result),
    githubAllows: (asker, remaining, resetAt) => void allowed.set(asker, { remaining, resetAt }),
  };
  const partner = await startPartner({ ...options, metrics });
  context.after(() => partner.close());
  const shop = await project(partner.local, 'acme');
  const { installationId } = shop.project;
  return { ...partner, shop, installationId, results, allowed, app: () => partner.github.appOctokit.request('GET /app'), heads: () => partner.codeHost.heads(shop.project, soon()) };
}

test('requests are told by what came of them, the one for a token, too, and what GitHub still allows by who asked', async (context) => {
  const { local, shop, heads, app, results, allowed, installationId } = await told(context);
  await heads();
  assert.deepEqual(results, ['2xx', '2xx'], 'a token, then the list');
  const first = allowed.get(installationId)!;
  assert.ok(first.resetAt.getTime() > Date.now());
  await heads();
  assert.equal(results.at(-1), 'unchanged');
  assert.equal(allowed.get(installationId)!.remaining, first.remaining, 'what did not change is free');
  await local.commit({ repository: shop.repository, branch: 'new', from: 'main', files: { a: '1' } });
  await heads();
  assert.equal(allowed.get(installationId)!.remaining, first.remaining - 1);
  assert.equal(allowed.has('app'), false);
  await app();
  assert.ok(allowed.get('app')!.remaining > first.remaining - 10);
});

test('a no, a failure, a cut connection and an answer that comes too late are told apart', async (context) => {
  const { local, heads, results } = await told(context, { timeoutMs: 400 });
  await heads();
  const heard = async (fault: Parameters<typeof withFault>[2]) => {
    results.length = 0;
    await withFault(local, { method: 'GET', path: /branches/ }, fault, async () => assert.rejects(heads()));
    return results;
  };
  assert.deepEqual(await heard({ status: 404, body: { message: 'Not Found' } }), ['4xx']);
  assert.deepEqual(await heard({ status: 502, body: {} }), ['5xx']);
  assert.deepEqual(await heard({ status: 200, body: '<html>sign in</html>' }), ['unreadable']);
  assert.deepEqual(await heard('drop'), ['connection']);
  assert.deepEqual(await heard({ delayMs: 1_500 }), ['timeout']);
});

test('while GitHub wants quiet its answer is limited, and what is not sent then is held back', async (context) => {
  const { local, heads, results } = await told(context);
  await heads();
  results.length = 0;
  const fault = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'You have exceeded a secondary rate limit' } };
  await withFault(local, { method: 'GET', path: /branches/ }, fault, async () => assert.rejects(heads()));
  await assert.rejects(heads());
  assert.deepEqual(results, ['limited', 'held_back']);
});

test('a request that its caller gives up is told as that', async (context) => {
  const { local, codeHost, shop, heads, results } = await told(context);
  await heads();
  results.length = 0;
  await withFault(local, { method: 'GET', path: /branches/ }, { delayMs: 500 }, async () => assert.rejects(codeHost.heads(shop.project, AbortSignal.timeout(50))));
  assert.deepEqual(results, ['aborted']);
});
