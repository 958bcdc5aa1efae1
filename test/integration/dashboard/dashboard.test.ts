import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import type { Health } from '../../../src/dashboard/health.ts';
import type { LogLine } from '../../../src/domain/deployment.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { systemClock } from '../../../src/serve/clock.ts';
import { testStore } from '../../support/store.ts';

const moment = new Date('2026-11-23T09:30:00Z');
const sha = 'a'.repeat(40);
const token = 'token-that-nobody-guesses';
const browser = 'text/html,*/*;q=0.8';

describe('the program’s own pages, over the real store', () => {
  let store: Store;
  let close: () => Promise<void>;
  let deploymentId: number;
  let buildNo: number;
  let health: () => Promise<Health>;

  before(async () => {
    ({ store, close } = await testStore());
    const facts = { repositoryId: 1, installationId: 1, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' };
    const project = await store.projects.ensure(facts, moment);
    const { id } = await store.previews.ensure(project.id, { kind: 'branch', name: '<b>bold</b>' }, ['project-1-b-bold-b'], moment);
    await store.previews.kick(id, { look: false }, moment);
    const claimed = await store.previews.claim('test', moment, 1e9);
    const made = await store.deployments.create(claimed!.lease, { sha, redeployNo: 0, pullNumber: 12, noCache: false, logToken: token }, moment);
    deploymentId = made!.id;
    buildNo = (await store.deployments.claimBuild('test', moment, 1e9))!.buildNo;
    const lines = Array.from({ length: 14_000 }, (_, n): LogLine => ({ at: moment, step: '[1/1] RUN make', stream: 'stdout', text: `\u001b[32mline ${n} <script>\u001b[0m` }));
    await store.deployments.addLog(deploymentId, lines);
  });
  after(() => close());

  let address: string | null = 'https://project-1-b-bold-b.kosuke.ai';
  const over = (deployments: Store['deployments'] = store.deployments) =>
    createDashboard({
      store: { deployments, signals: store.signals },
      previewUrl: () => Promise.resolve(address),
      publicUrl: 'https://kosuke.ai',
      health: () => health(),
      clock: { now: () => moment, sleep: systemClock.sleep },
      log: pino({ level: 'silent' }),
      stop: new AbortController().signal,
    });

  const ask = (path: string, accept = browser, app = over()) => Promise.resolve(app.request(`https://kosuke.ai${path}`, { headers: { accept } }));

  it('show a log as far as it is, escaped, coloured, with how much is left out, and follow while it grows', async () => {
    const response = await ask(`/logs/${token}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    const page = await response.text();
    assert.match(page, /<main data-follow="log" data-next="14000" data-now="\d+"/);
    assert.match(page, /<p class="gap" data-lines="1500" >1,500 lines are left out here<\/p>/);
    for (const n of [0, 9_999, 11_500, 13_999]) assert.ok(page.includes(`<div class="stdout"><span class="c2">line ${n} &lt;script&gt;</span></div>`), String(n));
    for (const n of [10_000, 11_499]) assert.equal(page.includes(`line ${n} `), false, String(n));
    assert.ok(page.includes('&lt;b&gt;bold&lt;/b&gt;'));
    assert.equal(page.includes('\u001b'), false);
  });

  it('link to the preview where it has an address, and say so where it has none', async () => {
    assert.ok((await (await ask(`/logs/${token}`)).text()).includes('<a href="https://project-1-b-bold-b.kosuke.ai">project-1-b-bold-b.kosuke.ai</a>'));
    address = null;
    const page = await (await ask(`/logs/${token}`)).text();
    assert.ok(page.includes('has no address while it does not run') && !page.includes('https://project-1-b-bold-b'));
    address = 'https://project-1-b-bold-b.kosuke.ai';
  });

  it('give the log, as far as it is kept, as plain text to whoever asks for it', async () => {
    for (const [path, accept] of [[`/logs/${token}?format=text`, browser], [`/logs/${token}`, '*/*']] as const) {
      const response = await ask(path, accept);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      const lines = (await response.text()).split('\n');
      assert.equal(lines.length, 12_502);
      assert.deepEqual(lines.slice(9_999, 10_002), ['line 9999 <script>', '(1,500 lines are left out here.)', 'line 11500 <script>']);
    }
  });

  it('show the outcome once it has ended, and stop following', async () => {
    const failure = { code: 'build-failed' as const, fault: 'app' as const, what: 'The build failed at <1>', why: 'exit code 2', next: 'Fix it' };
    assert.ok(await store.deployments.updateBuild(deploymentId, buildNo, { state: 'failed', failure, endedAt: moment }));
    const page = await (await ask(`/logs/${token}`)).text();
    assert.match(page, /<h1>This version did not come up<\/h1>/);
    assert.ok(page.includes('The build failed at &lt;1&gt;'));
    assert.equal(page.includes('data-follow'), false);
    assert.equal(page.includes('<script'), false);
  });

  it('know no log by any other name, and ask nothing of the store for one that is none', async () => {
    const asked: string[] = [];
    const counting = over({
      ...store.deployments,
      byLogToken(name) {
        asked.push(name);
        return store.deployments.byLogToken(name);
      },
    });
    for (const name of ['another-token-that-is-none', 'short', `${token}%00`, '..%2f..%2fetc']) assert.equal((await ask(`/logs/${name}`, browser, counting)).status, 404, name);
    assert.deepEqual(asked, ['another-token-that-is-none']);
  });

  it('end a log with a word when the store fails in the middle, and a page with one when it fails at once', async () => {
    const failing = over({ ...store.deployments, log: (id, from = 0, limit) => (from > 0 ? Promise.reject(new Error('down')) : store.deployments.log(id, from, limit)) });
    const text = await (await ask(`/logs/${token}`, '*/*', failing)).text();
    assert.match(text, /line 999 <script>\n\(The rest of this log could not be read\. Try again in a moment\.\)\n$/);
    const broken = await ask(`/logs/${token}`, browser, over({ ...store.deployments, byLogToken: () => Promise.reject(new Error('secret detail')) }));
    assert.equal(broken.status, 500);
    assert.match(broken.headers.get('content-security-policy')!, /^default-src 'none'/);
    assert.equal((await broken.text()).includes('secret detail'), false);
  });

  it('say that the process lives, and whether it can work', async () => {
    const good = { ok: true, checkedAt: moment };
    health = async () => ({ database: good, engine: good, github: good, edge: good });
    assert.equal((await ask('/healthz')).status, 200);
    const ready = await ask('/readyz');
    assert.equal(ready.status, 200);
    const at = { ok: true, checkedAt: '2026-11-23T09:30:00.000Z' };
    assert.deepEqual(await ready.json(), { ok: true, database: at, engine: at, github: at, edge: at });

    health = async () => ({ database: good, engine: { ok: false, why: 'no answer', checkedAt: moment }, github: good, edge: good });
    const unready = await ask('/readyz');
    assert.equal(unready.status, 503);
    assert.partialDeepStrictEqual(await unready.json(), { ok: false, engine: { ok: false, why: 'no answer' } });
    assert.equal((await ask('/healthz')).status, 200);
  });

  it('say what this is, and that there is nothing elsewhere', async () => {
    const landing = await ask('/');
    assert.equal(landing.status, 200);
    assert.match(await landing.text(), /A live preview for every pull request/);
    const elsewhere = await ask('/wp-admin');
    assert.equal(elsewhere.status, 404);
    assert.match(elsewhere.headers.get('content-security-policy')!, /^default-src 'none'/);
  });
});
