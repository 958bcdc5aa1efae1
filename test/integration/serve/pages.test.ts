import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Browser } from 'playwright-core';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import { commitHostLabel } from '../../../src/domain/host.ts';
import { previewStates } from '../../../src/domain/preview.ts';
import { createGate } from '../../../src/gate/gate.ts';
import { createIntake } from '../../../src/github/intake.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { createHttpServer } from '../../../src/serve/http.ts';
import { hostileBranchNames, hostileTexts } from '../../fixtures/hostile-texts.ts';
import { actingCharacters } from '../../support/inert.ts';
import { systemClock } from '../../../src/serve/clock.ts';
import { policyProblems } from '../../support/policy.ts';
import { testStore } from '../../support/store.ts';
import { reachOf, watchedPage, type WatchedPage } from '../../support/watched-page.ts';
import { startBrowser } from '../gate/browser.ts';
import { moment, shaOf, situation } from '../gate/situations.ts';

const domain = 'kosuke.localhost';
const log = pino({ level: 'silent' });
const clock = { now: () => moment, sleep: systemClock.sleep };
const good = { ok: true, checkedAt: moment };

/** A running preview whose newest version failed with this text everywhere that one from outside can stand; resolves with its host label and log. */
async function failedWith(store: Store, name: string, text: string): Promise<{ label: string; token: string }> {
  const { preview, lease, become } = await situation(store, hostileBranchNames[name] ?? name, {}, text);
  const token = `token-of-hostile-${preview.id}`;
  const made = await store.deployments.create(lease, { sha: shaOf('d'), redeployNo: 0, pullNumber: 12, noCache: false, logToken: token }, moment);
  await store.deployments.claimBuild('test', moment, 1e9);
  await store.deployments.addLog(made!.id, (['step', 'stdout', 'stderr', 'note'] as const).map((stream) => ({ at: moment, step: `[1/1] RUN ${text}`, stream, text })));
  const failure = { code: 'build-failed' as const, fault: 'app' as const, what: text, why: text, next: text, logTail: text };
  await store.deployments.update(lease, made!.id, { state: 'failed', failure, endedAt: moment });
  await become('failed');
  return { label: preview.hostLabel, token };
}

describe('the pages, in every state and of every route', () => {
  let store: Store;
  let close: () => Promise<void>;
  let browser: Browser;
  let watched: WatchedPage;
  let server: Server;
  let port: number;
  let broken = false;
  let routes: readonly string[];
  /** Addresses of all pages: of each state of a preview, and of each route. */
  const addresses: Record<string, string> = {};

  before(async () => {
    [{ store, close }, browser] = await Promise.all([testStore(), startBrowser()]);
    watched = await watchedPage(browser, (url) => url.port === String(port));
    // What the pages read, which a test can break.
    const breaking = <T extends object>(part: T): T => new Proxy(part, { get: (target, key, receiver) => (broken ? () => Promise.reject(new Error('down')) : (Reflect.get(target, key, receiver) as unknown)) });
    const reading = { previews: breaking(store.previews), deployments: breaking(store.deployments), signals: store.signals };
    const dashboard = createDashboard({ store: reading, previewUrl: async ({ hostLabel }) => url(hostLabel), publicUrl: 'http://127.0.0.1', health: async () => ({ database: good, engine: good, github: good, edge: good }), clock, log, stop: new AbortController().signal });
    routes = [...new Set(dashboard.routes.filter(({ method, path }) => (method === 'GET' || method === 'ALL') && !path.includes('*')).map(({ path }) => path))];
    server = createHttpServer({
      isPreviewHost: (host) => host.endsWith(`.${domain}`),
      gate: createGate({ store: reading, previewDomain: domain, previewUrl: (label) => url(label), clock, log }),
      intake: createIntake({ secret: 'x'.repeat(16), deliveries: store.deliveries, clock, log }),
      metrics: null,
      dashboard: (request) => dashboard.fetch(request),
      log,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    await fill();
  });
  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
    await close();
  });

  const url = (label: string) => `http://${label}.${domain}:${port}`;
  const own = (path: string) => `http://127.0.0.1:${port}${path}`;

  async function fill(): Promise<void> {
    for (const state of previewStates) {
      const { preview, build, become } = await situation(store, `is-${state}`);
      const id = await build(`${shaOf('a').slice(0, 32)}${String(preview.id).padStart(8, '0')}`);
      await become(state, state === 'running' ? id : undefined);
      addresses[state] = url(preview.hostLabel);
    }
    const replaced = await situation(store, 'is-replaced');
    const [first, second] = [await replaced.build(shaOf('e')), await replaced.build(shaOf('f'))];
    await store.deployments.update(replaced.lease, first, { state: 'superseded', endedAt: moment });
    await replaced.become('running', second);
    addresses['replaced'] = url(commitHostLabel(replaced.preview.project.id, shaOf('e'), first));
    addresses['unknown'] = url('project-9-nothing');
    for (const path of routes) addresses[`route ${path}`] = own(path.replace(':token', `token-of-${shaOf('f')}`).replaceAll(/:\w+/g, '1'));
    addresses['nothing'] = own('/nothing-here');
    addresses['no log'] = own('/logs/no-log-has-this-name');
  }

  /** Headers and beginning of an answer; what goes on for ever is not waited for. */
  async function headersOf(address: string, accept: string, method = 'GET'): Promise<Headers> {
    const { hostname, pathname, search } = new URL(address);
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, method, path: pathname + search, headers: { host: `${hostname}:${port}`, accept }, agent: false, signal: AbortSignal.timeout(10_000) }, (response) => {
        resolve(new Headers(response.rawHeaders.reduce<[string, string][]>((pairs, text, at, all) => (at % 2 === 0 ? [...pairs, [text, all[at + 1]!]] : pairs), [])));
        response.destroy();
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  async function assertStrict(method = 'GET'): Promise<void> {
    for (const [name, address] of Object.entries(addresses)) {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const headers = await headersOf(address, accept, method);
        const type = headers.get('content-type') ?? '';
        if (type.includes('html')) assert.deepEqual(policyProblems(headers), [], `${name} in ${accept}`);
        else assert.match(type, /^(?:text\/(?:plain|event-stream)|application\/json)/, name);
        assert.equal(headers.get('x-content-type-options'), 'nosniff', name);
      }
    }
  }

  it('have the strict policy, whatever they show', async () => {
    assert.ok(routes.includes('/') && routes.includes('/logs/:token'), routes.join());
    const states = new Set(await Promise.all(Object.values(addresses).map(async (address) => (await headersOf(address, 'text/html')).get('x-kosuke-state'))));
    for (const state of [...previewStates, 'unknown', 'replaced']) assert.ok(states.has(state), state);
    await assertStrict();
    await assertStrict('HEAD');
  });

  it('have it when the store cannot be read, too', async () => {
    broken = true;
    try {
      assert.equal((await headersOf(addresses['running']!, 'text/html')).get('x-kosuke-state'), 'error');
      await assertStrict();
    } finally {
      broken = false;
    }
  });

  it('break it nowhere themselves, in a real browser', async () => {
    for (const [name, address] of Object.entries(addresses)) {
      if (!((await headersOf(address, 'text/html')).get('content-type') ?? '').includes('html')) continue;
      await watched.page.goto(address, { waitUntil: 'domcontentloaded' });
      assert.notEqual(await watched.page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth"), 'none', `${name} has its style`);
      assert.deepEqual(watched.complaints(), [], name);
    }
  });

  for (const [name, text] of Object.entries(hostileTexts)) {
    it(`show ${name} as text: nothing runs, nothing is asked for, nothing leads elsewhere`, async () => {
      const { label, token } = await failedWith(store, name, text);
      for (const address of [url(label), own(`/logs/${token}`)]) {
        const { page, complaints } = watched;
        await page.goto(address, { waitUntil: 'domcontentloaded' });
        const { addresses: led, handlers } = await reachOf(page);
        assert.deepEqual(handlers, []);
        for (const to of led) assert.ok(to.startsWith('data:image/svg+xml,') || new URL(to, address).port === String(port), to);
        assert.notEqual(await page.title(), 'evil');
        assert.match((await page.textContent('main')) ?? '', /shown/);
        assert.equal(await page.locator('main :is(img, iframe, form, base, meta, object, embed, style, script)').count(), 0);
        assert.equal(actingCharacters((await page.textContent('body')) ?? ''), '');
        assert.deepEqual(complaints(), []);
      }
      for (const form of ['', '?format=text']) {
        const plain = await fetch(own(`/logs/${token}${form}`), { headers: { accept: 'text/plain' } });
        const text = await plain.text();
        assert.equal(actingCharacters(text), '');
        assert.match(text, /shown/);
      }
    });
  }
});
