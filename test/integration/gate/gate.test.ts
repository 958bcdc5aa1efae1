import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { commitHostLabel } from '../../../src/domain/host.ts';
import { createGate, type GateOptions } from '../../../src/gate/gate.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { moment, shaOf, situation } from './situations.ts';

const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';

describe('the gate, over the real store', () => {
  let store: Store;
  let close: () => Promise<void>;
  let gate: (request: Request) => Promise<Response>;
  let now = moment;

  const gateOver = (part: Pick<Store, 'previews' | 'deployments'>, more: Pick<GateOptions, 'elsewhere'> = {}) =>
    createGate({
      ...more,
      store: part,
      previewDomain: 'kosuke.ai',
      previewUrl: (label) => `https://${label}.kosuke.ai`,
      clock: { now: () => now },
      log: pino({ level: 'silent' }),
    });

  before(async () => {
    ({ store, close } = await testStore());
    gate = gateOver(store);
  });
  after(() => close());

  const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

  const ask = (label: string, { path = '/', accept = '*/*', method = 'GET' } = {}) =>
    gate(new Request(`http://${label}.kosuke.ai${path}`, { method, headers: { accept } }));

  it('says of an unknown host that there is nothing', async () => {
    const response = await ask('project-9-nothing', { accept: browser });
    assert.equal(response.status, 404);
    assert.equal(response.headers.get('x-kosuke-state'), 'unknown');
    assert.match(await response.text(), /<h1>There is no preview here<\/h1>/);
    const status = await ask('project-9-nothing', { path: '/_kosuke/status' });
    assert.equal(status.status, 404);
    assert.deepEqual(await status.json(), { host: 'project-9-nothing.kosuke.ai', state: 'unknown', sha: null, deployment: null, url: 'https://project-9-nothing.kosuke.ai' });
  });

  it('answers the program’s own probes by the state alone, and reads it a few times a second at the most', async () => {
    const { preview, build, become } = await situation(store, 'feature/probed');
    await build(shaOf('probed'));
    await become('building');
    const reads: string[] = [];
    const counted = gateOver({ ...store, previews: { ...store.previews, byHostLabel: (label) => (reads.push(label), store.previews.byHostLabel(label)) } });
    const probe = () => counted(new Request(`http://${preview.hostLabel}.kosuke.ai/`, { headers: { accept: browser, 'user-agent': 'kosuke-preview-probe' } }));
    for (let times = 0; times < 20; times += 1) {
      const response = await probe();
      assert.deepEqual([response.status, response.headers.get('x-kosuke-state'), await response.text()], [503, 'building', '']);
    }
    assert.equal(reads.length, 1);
    await become('failed');
    now = new Date(now.getTime() + 251);
    assert.equal((await probe()).headers.get('x-kosuke-state'), 'failed');
    now = moment;
  });

  it('shows a build with its steps, escaped, never cached, with a strict policy', async () => {
    const { preview, build, become } = await situation(store, 'feature/a', {}, '<img src=x onerror=alert(1)>');
    await build(shaOf('a'));
    await become('building');
    const response = await ask(preview.hostLabel, { accept: browser, path: '/any/path?x=1' });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '3');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('x-kosuke-state'), 'building');
    assert.match(response.headers.get('content-security-policy')!, /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+' 'sha256-[\w+/=]+'; connect-src 'self'; /);
    const page = await response.text();
    assert.match(page, /\[1\/2\] FROM base[\s\S]*cached/);
    assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;/);
    assert.equal(page.includes('<img'), false);
    assert.match(page, /<noscript><meta http-equiv="refresh"/);
  });

  it('tells the commit that is live, and none before', async () => {
    const { preview, build, become } = await situation(store, 'facts');
    const id = await build(shaOf('b'));
    await become('starting');
    const facts = { host: `${preview.hostLabel}.kosuke.ai`, url: `https://${preview.hostLabel}.kosuke.ai` };
    const status = async () => (await ask(preview.hostLabel, { path: '/_kosuke/status' })).json();
    assert.deepEqual(await status(), { ...facts, state: 'starting', sha: null, deployment: null });
    await become('running', id);
    assert.deepEqual(await status(), { ...facts, state: 'running', sha: shaOf('b'), deployment: id });
    const response = await ask(preview.hostLabel, { path: '/_kosuke/status' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
  });

  it('shows why a build failed, with the end of its log, in each form', async () => {
    const { preview, lease, build, become } = await situation(store, 'broken');
    const id = await build(shaOf('c'));
    const failure = { code: 'build-failed' as const, fault: 'app' as const, what: 'The build failed at [2/2] RUN make', why: 'exit code 2', next: 'Fix it and push', logTail: 'make: \u001b[31m<b>stop</b>' };
    assert.ok(await store.deployments.update(lease, id, { state: 'failed', failure, endedAt: moment }));
    await become('failed');
    const page = await ask(preview.hostLabel, { accept: browser });
    assert.equal(page.status, 502);
    const html = await page.text();
    for (const part of ['<h1>The build failed</h1>', 'The build failed at [2/2] RUN make.', 'exit code 2.', 'Fix it and push.', 'make: &lt;b&gt;stop&lt;/b&gt;']) {
      assert.ok(html.includes(part), part);
    }
    assert.equal(html.includes('token-of-'), false, 'whoever guesses the host does not get the log');
    const text = await (await ask(preview.hostLabel)).text();
    assert.match(text, /^The build failed: project-\d+-broken\.kosuke\.ai\n/);
    assert.match(text, / {2}\| make: <b>stop<\/b>\n/);
    const json = await jsonOf(await ask(preview.hostLabel, { accept: 'application/json' }));
    assert.equal(json.state, 'failed');
    assert.equal(json.message, 'The build failed at [2/2] RUN make. exit code 2. Fix it and push. The whole log is linked in the comment on the pull request.');
  });

  it('says how to wake what sleeps, and what became of what is gone', async () => {
    const sleeper = await situation(store, 'sleeper', { run: 'asleep', asleepBecause: 'person' });
    await sleeper.become('asleep');
    const asleep = await ask(sleeper.preview.hostLabel);
    assert.equal(asleep.status, 503);
    assert.equal(asleep.headers.get('retry-after'), null);
    assert.ok((await asleep.text()).includes(`npx kosuke-preview wake ${sleeper.preview.hostLabel}\n`));

    const closed = await situation(store, 'closed', { run: 'nothing', sha: null, reason: 'pull-request-closed' });
    await closed.become('removed');
    const gone = await ask(closed.preview.hostLabel);
    assert.equal(gone.status, 410);
    assert.match(await gone.text(), /closed or merged/);

    const fork = await situation(store, 'fork', { run: 'nothing', sha: null, reason: 'fork' });
    await fork.become('refused');
    const refused = await ask(fork.preview.hostLabel);
    assert.equal(refused.status, 404);
    assert.match(await refused.text(), /forks are not run in this version/);
  });

  it('sends visitors of a preview that runs at another address there, and shows its page while it has none', async () => {
    const { preview, build, become } = await situation(store, 'elsewhere');
    let address: string | null = 'http://127.0.0.1:23456';
    const sending = gateOver(store, { elsewhere: ({ id }) => Promise.resolve(id === preview.id ? address : null) });
    const visit = (path: string) => sending(new Request(`http://${preview.hostLabel}.kosuke.ai${path}`));
    await become('building');
    assert.equal((await visit('/')).status, 503);
    await become('running', await build(shaOf('7')));
    const sent = await visit('//evil.example/a?b=c');
    assert.deepEqual([sent.status, sent.headers.get('location'), sent.headers.get('x-kosuke-state')], [307, 'http://127.0.0.1:23456//evil.example/a?b=c', 'running']);
    assert.equal(sent.headers.get('cache-control'), 'no-store');
    assert.partialDeepStrictEqual(await (await visit('/_kosuke/status')).json(), { state: 'running', sha: shaOf('7') });
    address = null;
    assert.deepEqual([(await visit('/')).status, (await visit('/')).headers.get('retry-after')], [503, '1']);
  });

  it('kicks a preview that runs but does not answer, at most once a second', async () => {
    const { preview, lease, build, become } = await situation(store, 'late');
    await become('running', await build(shaOf('d')));
    await store.previews.release(lease, { dueAt: null, failed: false, looked: true });
    const claim = () => store.previews.claim('test', now, 1000);
    assert.equal(await claim(), null);

    const response = await ask(preview.hostLabel, { accept: browser });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '1');
    const kicked = await claim();
    assert.equal(kicked?.preview.id, preview.id);
    assert.equal(kicked?.look, false);
    await store.previews.release(kicked!.lease, { dueAt: null, failed: false, looked: false });

    await ask(preview.hostLabel);
    await ask(preview.hostLabel, { path: '/_kosuke/status' });
    assert.equal(await claim(), null);
    now = new Date(now.getTime() + 1000);
    await ask(preview.hostLabel);
    const again = await claim();
    assert.equal(again?.preview.id, preview.id);
    await store.previews.release(again!.lease, { dueAt: null, failed: false, looked: false });
  });

  it('answers other methods with the same status and few words', async () => {
    const { preview, build, become } = await situation(store, 'methods');
    await build(shaOf('e'));
    await become('building');
    const head = await ask(preview.hostLabel, { method: 'HEAD', accept: browser });
    assert.deepEqual([head.status, head.headers.get('content-type'), await head.text()], [503, 'text/html; charset=utf-8', '']);
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const response = await ask(preview.hostLabel, { method, accept: browser });
      assert.deepEqual([response.status, response.headers.get('x-kosuke-state'), await response.text()], [503, 'building', 'Building the preview.\n']);
    }
    const post = await ask(preview.hostLabel, { method: 'POST', path: '/_kosuke/status' });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
    assert.equal((await ask(preview.hostLabel, { path: '/_kosuke/other' })).status, 404);
  });

  it('knows the hosts of single commits', async () => {
    const { preview, lease, build, become } = await situation(store, 'commits');
    const first = await build(shaOf('f'));
    const second = await build(shaOf('0'));
    await store.deployments.update(lease, first, { state: 'superseded', endedAt: moment });
    await become('running', second);
    const stateAt = async (sha: string, id: number) => (await jsonOf(await ask(commitHostLabel(preview.project.id, sha, id), { path: '/_kosuke/status' }))).state;
    assert.equal(await stateAt(shaOf('f'), first), 'replaced');
    assert.equal(await stateAt(shaOf('0'), second), 'running');
    assert.equal(await stateAt(shaOf('1'), second), 'unknown');
    const page = await ask(commitHostLabel(preview.project.id, shaOf('f'), first), { accept: browser });
    assert.equal(page.status, 410);
    assert.ok((await page.text()).includes(`href="https://${preview.hostLabel}.kosuke.ai"`));
  });

  it('says so, and that it comes back, when the store cannot be read', async () => {
    const broken = gateOver({ ...store, previews: { ...store.previews, byHostLabel: () => Promise.reject(new Error('down')) } });
    const request = (path: string) => new Request(`http://project-1-x.kosuke.ai${path}`, { headers: { accept: browser } });
    const page = await broken(request('/'));
    assert.deepEqual([page.status, page.headers.get('retry-after'), page.headers.get('x-kosuke-state')], [503, '5', 'error']);
    assert.match(await page.text(), /We cannot tell right now/);
    const status = await broken(request('/_kosuke/status'));
    assert.deepEqual([status.status, (await jsonOf(status)).state], [503, 'error']);
  });
});
