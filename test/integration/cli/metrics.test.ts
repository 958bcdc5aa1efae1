import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get } from '../../../src/demo/get.ts';
import { definitions } from '../../../src/metrics/definitions.ts';
import { eventually } from '../../support/eventually.ts';
import { samplesOf, valueOf } from '../../support/metrics.ts';
import { freePort, privateKey, serveAlone, webhookSecret } from './serve-alone.ts';

describe('metrics of serve', () => {
  test('are on PORT for a loopback name, with what the engine and GitHub do not answer, and no secret', async (context) => {
    const { at } = await serveAlone(context);
    const text = await eventually('failures of engine and GitHub are counted', async () => {
      const said = await (await fetch(at('/metrics'))).text();
      const engine = valueOf(said, 'kosuke_engine_errors_total', { verb: 'highestDeployment' });
      const github = valueOf(said, 'kosuke_github_requests_total', { result: 'connection' });
      return engine! > 0 && github! > 0 && valueOf(said, 'kosuke_sweeps_total', { result: 'problems' }) === 1 && said;
    }, { within: 30_000 });
    const names = new Set(samplesOf(text).map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, '')));
    for (const name of Object.keys(definitions)) assert.ok(names.has(name) || name === 'kosuke_github_rate_limit_remaining', name);
    assert.equal(valueOf(text, 'kosuke_queue_depth', { queue: 'deliveries' }), 0);
    for (const secret of [webhookSecret, ...privateKey.trim().split('\n')]) assert.ok(!text.includes(secret));
  });

  test('are on METRICS_PORT under any host and not on PORT, and end with the program', async (context) => {
    const port = await freePort();
    const { child, ended, at, said } = await serveAlone(context, { METRICS_PORT: String(port) });
    await eventually('it lives', async () => (await fetch(at('/healthz'))).status === 200, { within: 30_000 });
    assert.equal((await fetch(at('/metrics'))).status, 404);
    const own = (path: string, host = 'kosuke.ai') => get(`http://${host}${path}`, { via: { host: '127.0.0.1', port } });
    for (const host of ['kosuke.ai', '127.0.0.1', 'project-1-a.kosuke.localhost']) {
      const { status, text } = await own('/metrics', host);
      assert.equal(status, 200, host);
      assert.equal(valueOf(text, 'kosuke_queue_depth', { queue: 'builds' }), 0);
    }
    for (const path of ['/', '/healthz', '/readyz', '/api/github/webhooks', '/metrics/x']) assert.equal((await own(path)).status, 404, path);
    assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status, 405);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], said());
    await assert.rejects(own('/metrics'), 'nothing listens any more');
  });

  test('on a METRICS_PORT that is taken stop the start', async (context) => {
    const { at } = await serveAlone(context);
    await eventually('it lives', async () => (await fetch(at('/healthz'))).status === 200, { within: 30_000 });
    const { ended, said } = await serveAlone(context, { METRICS_PORT: new URL(at('/')).port });
    const [code] = (await ended) as [number | null];
    assert.equal(code, 1);
    assert.match(said(), /EADDRINUSE/);
  });
});
