import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createLogLimit } from '../../../src/build/log-limit.ts';
import { createLogWriter } from '../../../src/reconcile/log-writer.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { startBrowser } from '../gate/browser.ts';
import { building, startLogServer, type LogServer } from './log-server.ts';

let store: Store;
let close: () => Promise<void>;
let browser: Browser;
let server: LogServer;
const opened: { page: Page; complaints: string[] }[] = [];

before(async () => {
  [{ store, close }, browser] = await Promise.all([testStore(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await close();
});
beforeEach(async () => {
  server = await startLogServer(store);
});
afterEach(async () => {
  const all = opened.splice(0);
  await Promise.all(all.map(({ page }) => page.context().close()));
  await server.kill();
  assert.deepEqual(all.flatMap(({ complaints }) => complaints), [], 'no page complains, of its policy least of all');
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (!/ERR_(CONNECTION|INCOMPLETE|EMPTY)/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  opened.push({ page, complaints });
  await page.goto(server.address(path));
  await page.evaluate("window.sameDocument = true");
  return page;
}

const linesOf = (page: Page) => page.locator('.log .block > div').allTextContents();
const isSame = (page: Page) => page.evaluate<boolean>('window.sameDocument === true');
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
/** Of the builder's own in a long log: that it is long, and how much is left out. */
const notes = 2;

/** What a build that writes these lines stores of them, by the builder's own limit and the reconciler's own writer. */
async function build(deploymentId: number, texts: readonly string[]): Promise<void> {
  const limit = createLogLimit();
  const writer = createLogWriter({ deployments: store.deployments, now: () => new Date(), log: pino({ level: 'silent' }) }, deploymentId);
  const make = (text: string) => ({ at: new Date(), step: null, stream: 'stdout' as const, text });
  for (let at = 0; at < texts.length; at += 1_000) {
    limit.take(texts.slice(at, at + 1_000), make).forEach(writer.add);
    await delay(1);
  }
  limit.end(Date.now()).forEach(writer.add);
  await writer.flush();
}

/** What a page holds of a log, and how many lines it says are left out. */
function measured(page: Page) {
  return page.evaluate<{ lines: number; text: number; elements: number; leftOut: number }>(`({
    lines: document.querySelectorAll('.log .block > div').length,
    text: document.querySelector('.head').textContent.length + document.querySelector('.tail').textContent.length,
    elements: document.querySelectorAll('*').length,
    leftOut: [...document.querySelectorAll('.note, .gap')].reduce((sum, one) => sum + Number(/^([\\d,]+) lines are left out here$/.exec(one.textContent)?.[1].replaceAll(',', '') ?? 0), 0),
  })`);
}

const there = ['[1/2] cached', 'cc -o <script>alert(1)</script>'];

describe('the page of a log, in a real browser', () => {
  test('shows lines and steps while it builds, and ends in place with the outcome and a link to the preview', async () => {
    const { path, write, become, goLive, preview } = await building(store, 'page');
    const page = await open(path);
    assert.equal(await page.textContent('h1'), 'Building');
    assert.deepEqual(await linesOf(page), there);
    const step = '[3/3] RUN slowly';
    await write([{ step, stream: 'step', text: step }, { step, text: 'half \u001b[1;32mdone\u001b[0m' }]);
    await page.getByText('half done').waitFor();
    assert.equal(await page.locator('.log .b.c2').textContent(), 'done');
    const running = page.locator('li', { hasText: step });
    await eventually('its time goes on', async () => {
      const one = await running.locator('.time').textContent();
      await delay(1_100);
      return /^[\d.]+ s …$/.test(one!) && one !== (await running.locator('.time').textContent());
    });
    assert.equal(await page.locator('li', { hasText: '[1/2] FROM base' }).locator('.time').textContent(), 'cached');
    await write([{ step, stream: 'step', text: '[3/3] done in 1.2 s' }]);
    await eventually('it is done', async () => /done/.test((await running.getAttribute('class'))!));

    await become({ state: 'starting' });
    await page.getByRole('heading', { name: 'Starting' }).waitFor();
    await goLive();
    await page.getByRole('heading', { name: 'Live', exact: true }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Open the preview' }).getAttribute('href'), `http://${preview.hostLabel}.kosuke.localhost`);
    assert.match(await page.title(), /^Live · /);
    assert.ok(await isSame(page));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await delay(3_000);
    assert.deepEqual(asked, [], 'what is over is not asked for again');
  });

  test('goes on without a line lost or doubled when connections break off and the program is killed and started', async () => {
    const { path, say, goLive } = await building(store, 'broken-page');
    const page = await open(path);
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 10; n++) await say(...upTo(10).map((more) => `line ${round * 100 + n * 10 + more}`));
      if (round % 2 === 0) {
        await server.kill();
        await say(`while it was down ${round}`);
        await server.start();
      } else {
        for (const socket of server.connections) socket.destroy();
      }
    }
    await say('all is said');
    await page.getByText('all is said').waitFor({ timeout: 20_000 });
    const expected = upTo(4).flatMap((round) => [...upTo(100).map((n) => `line ${round * 100 + n}`), ...(round % 2 === 0 ? [`while it was down ${round}`] : [])]);
    assert.deepEqual(await linesOf(page), [...there, ...expected, 'all is said']);
    await goLive();
    await page.getByRole('link', { name: 'Open the preview' }).waitFor();
    assert.ok(await isSame(page));
  });

  test('says so when the connection is lost for long, and no longer when it is there again', async () => {
    const { path } = await building(store, 'lost-page');
    const page = await open(path);
    const lost = page.getByText('The connection was lost.');
    assert.equal(await lost.isVisible(), false);
    await server.kill();
    await lost.waitFor({ timeout: 20_000 });
    await server.start();
    await lost.waitFor({ state: 'hidden', timeout: 40_000 });
  });

  test('shows what a program writes as text and nothing else', async () => {
    const { path, say } = await building(store, 'hostile');
    const hostile = ['<script>window.hacked = 1</script>', '</div></pre><img src=x onerror="window.hacked = 2">', '\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007', '\u001b]0;title\u0007', '\u001b[31m<b onclick=x>"\'&amp;', 'a\u0000b\u202ec', '\u2028data: {}\u2029'];
    const shown = ['<script>window.hacked = 1</script>', '</div></pre><img src=x onerror="window.hacked = 2">', 'link', '', '<b onclick=x>"\'&amp;', 'abc', ' data: {} '];
    await say(...hostile);
    const page = await open(path);
    assert.deepEqual((await linesOf(page)).slice(2), shown);
    await say(...hostile, 'and over');
    await page.getByText('and over').waitFor();
    assert.deepEqual((await linesOf(page)).slice(2), [...shown, ...shown, 'and over']);
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.deepEqual(await page.evaluate("[...new Set([...document.querySelectorAll('.log *')].map((one) => one.localName))].sort()"), ['div', 'p', 'span']);
    assert.equal(await page.locator('.log a, .log script, .log img').count(), 0);
  });

  test('of a build that writes 10 MB holds the first and last 512 KiB, says how much is left out, and stays quick', async (context) => {
    const { id, path, goLive } = await building(store, 'long');
    const page = await open(path);
    const session = await page.context().newCDPSession(page);
    let wire = 0;
    await session.send('Network.enable');
    session.on('Network.dataReceived', ({ dataLength }) => (wire += dataLength));

    const began = performance.now();
    await build(id, upTo(50_000).map((n) => `\u001b[3${1 + (n % 6)}m${n}\u001b[0m `.padEnd(213, 'x')));
    const asked = performance.now();
    assert.equal(await page.evaluate('1 + 1'), 2);
    const answered = performance.now() - asked;
    await page.getByText('49999 x').waitFor({ timeout: 30_000, state: 'attached' });
    const caughtUp = performance.now() - asked;
    const live = await measured(page);
    await session.send('HeapProfiler.collectGarbage');
    const heap = await session.send('Runtime.getHeapUsage');
    assert.ok(live.text <= 1024 * 1024 && live.text > 800_000, JSON.stringify(live));
    assert.ok(wire < 2 * 1024 * 1024, String(wire));
    assert.equal(live.lines - notes + live.leftOut, there.length + 50_000, JSON.stringify(live));
    assert.deepEqual((await linesOf(page)).slice(0, 3), [...there, `0 ${'x'.repeat(202)}`]);

    const asking = performance.now();
    const size = (await (await fetch(server.address(path), { headers: { accept: 'text/html' } })).arrayBuffer()).byteLength;
    const made = performance.now() - asking;
    assert.ok(size < 2 * 1024 * 1024, String(size));
    const loading = performance.now();
    const fresh = await open(path);
    const loaded = performance.now() - loading;
    const { elements, ...same } = await measured(fresh);
    assert.deepEqual(same, { lines: live.lines, text: live.text, leftOut: live.leftOut });

    const stored = await store.deployments.log(id, 0, 1_000_000);
    const bytes = stored.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    assert.ok(bytes <= 1024 * 1024 && stored.length <= 12_500, `${bytes} bytes in ${stored.length} rows`);
    const before = performance.now();
    await fresh.getByRole('link', { name: 'To the end' }).click();
    await goLive();
    await fresh.getByRole('link', { name: 'Open the preview' }).waitFor({ state: 'attached' });
    const ended = performance.now() - before;
    assert.ok(ended < 10_000, `${ended} ms`);
    const ms = (value: number) => `${Math.round(value)} ms`;
    context.diagnostic(`store: ${stored.length} rows, ${bytes} bytes of text, written in ${ms(asked - began)}`);
    context.diagnostic(`live page: ${wire} bytes received, ${live.lines} lines, ${live.elements} elements, ${Math.round(heap.usedSize / 1024)} KiB of heap; it answered in ${ms(answered)} and had all after ${ms(caughtUp)}`);
    context.diagnostic(`fresh page: ${size} bytes in ${ms(made)}, loaded in ${ms(loaded)}, ${elements} elements; to the end and the outcome in ${ms(ended)}`);
  });

  test('of ten thousand short lines and more holds twelve and a half thousand', async (context) => {
    const { id, path } = await building(store, 'short-lines');
    const page = await open(path);
    await build(id, upTo(200_000).map((n) => (n % 2 === 0 ? '' : String(n))));
    await page.getByText('199999').waitFor({ timeout: 30_000, state: 'attached' });
    const { lines, leftOut, elements } = await measured(page);
    assert.ok(lines <= 12_500, String(lines));
    assert.equal(lines - notes + leftOut, there.length + 200_000);
    const asked = performance.now();
    await page.evaluate('new Promise((resolve) => { scrollTo(0, document.documentElement.scrollHeight); requestAnimationFrame(() => setTimeout(resolve)); })');
    const scrolled = performance.now() - asked;
    assert.ok(scrolled < 5_000, `${scrolled} ms`);
    context.diagnostic(`${lines} lines, ${elements} elements; to the end in ${Math.round(scrolled)} ms`);
  });

  test('follows the end while the reader is at the end, and leaves the reader alone elsewhere', async () => {
    const { path, say } = await building(store, 'follows');
    await say(...upTo(300).map(String));
    const page = await open(path);
    const place = () => page.evaluate<{ y: number; toEnd: number }>('({ y: scrollY, toEnd: document.documentElement.scrollHeight - innerHeight - scrollY })');
    await say('first more');
    await page.getByText('first more').waitFor({ state: 'attached' });
    assert.equal((await place()).y, 0, 'who reads the steps stays there');

    await page.getByRole('link', { name: 'To the end' }).click();
    await eventually('it is at the end', async () => (await place()).toEnd < 60);
    await say(...upTo(200).map((n) => `more ${n}`));
    await page.getByText('more 199').waitFor({ state: 'attached' });
    await eventually('it is still at the end', async () => (await place()).toEnd < 5);

    await page.mouse.wheel(0, -2_000);
    await eventually('it is no longer at the end', async () => (await place()).toEnd > 500);
    await delay(300);
    const { y } = await place();
    await say(...upTo(200).map((n) => `last ${n}`));
    await page.getByText('last 199').waitFor({ state: 'attached' });
    assert.ok(Math.abs((await place()).y - y) < 5, `${y} became ${(await place()).y}`);
  });

  test('works without scripts: it is loaded anew until the outcome is there', async () => {
    const { path, say, goLive } = await building(store, 'no-scripts');
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const page = await context.newPage();
      await page.goto(server.address(path));
      await say('\u001b[31mred');
      await page.locator('.log .c1', { hasText: 'red' }).waitFor({ timeout: 15_000 });
      await goLive();
      await page.getByRole('link', { name: 'Open the preview' }).waitFor({ timeout: 15_000 });
    } finally {
      await context.close();
    }
  });

  test('looks again every few seconds when too many listen', async () => {
    await server.kill();
    server = await startLogServer(store, { logs: 0, perLog: 0, inAll: 0 });
    const { path, say, goLive } = await building(store, 'too-many');
    const page = await open(path);
    await say('later');
    await page.getByText('later').waitFor({ timeout: 15_000 });
    await goLive();
    await page.getByRole('link', { name: 'Open the preview' }).waitFor({ timeout: 15_000 });
    assert.ok(await isSame(page));
  });

  test('listens to nothing while nobody sees it, and catches up when it is seen again', async () => {
    const { path, say } = await building(store, 'hidden');
    const page = await open(path);
    const become = (hidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} }); document.dispatchEvent(new Event('visibilitychange'))`);
    const live = () => server.connections.filter((socket) => !socket.destroyed).length;
    await eventually('it listens', () => live() > 0);
    await become(true);
    await eventually('it listens no more', () => live() === 0, { within: 20_000 });
    await say('meanwhile');
    await become(false);
    await page.getByText('meanwhile').waitFor();
    assert.deepEqual(await linesOf(page), [...there, 'meanwhile']);
  });
});

describe('on a phone of 390 px', () => {
  test('nothing reaches beyond its width, no text is small, and what is to be tapped is large', async () => {
    const { path, say, goLive } = await building(store, 'phone');
    await say(`${'x'.repeat(300)} ${'/a-path'.repeat(60)}`, '\tindented');
    const page = await open(path, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
    await say('y'.repeat(500), 'seen');
    await page.getByText('seen').waitFor({ state: 'attached' });
    await goLive();
    await page.getByRole('link', { name: 'Open the preview' }).waitFor();
    const found = await page.evaluate<{ width: number; sizes: number[]; links: [string, number][] }>(`({
      width: document.documentElement.scrollWidth,
      sizes: [...document.querySelectorAll('body *')].filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')).filter((one) => one.localName !== 'script').map((one) => Number.parseFloat(getComputedStyle(one).fontSize)),
      links: [...document.querySelectorAll('a')].map((one) => [one.textContent, one.getBoundingClientRect().height]),
    })`);
    assert.equal(found.width, 390);
    assert.ok(Math.min(...found.sizes) >= 14, String(Math.min(...found.sizes)));
    assert.equal(found.links.length, 4);
    for (const [text, height] of found.links) assert.ok(height >= 44, `${text}: ${height} px`);
  });
});
