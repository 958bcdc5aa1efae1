import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { pino } from 'pino';
import type { Browser } from 'playwright-core';
import { createGate } from '../../../src/gate/gate.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { startBrowser } from './browser.ts';
import { moment, shaOf, situation } from './situations.ts';

const domain = 'kosuke.localhost';

describe('an open page of the gate, in a real browser', () => {
  let store: Store;
  let close: () => Promise<void>;
  let browser: Browser;
  let server: Server;
  let appIsThere = false;

  before(async () => {
    [{ store, close }, browser] = await Promise.all([testStore(), startBrowser()]);
    const gate = getRequestListener(
      createGate({
        store,
        previewDomain: domain,
        previewUrl: (label) => `http://${label}.${domain}`,
        clock: { now: () => new Date() },
        log: pino({ level: 'silent' }),
      }),
    );
    server = createServer((request, response) => {
      if (appIsThere && !request.url?.startsWith('/_kosuke/')) response.end('<!doctype html><title>shop</title><h1>The app</h1>');
      else void gate(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await close();
  });

  it('follows a build to the app without a hand, and breaks no policy of its own', async () => {
    const { preview, lease, build, become } = await situation(store, 'follow');
    const id = await build(shaOf('a'));
    await become('building');
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (!/status of 50[23]/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));

    await page.goto(`http://${preview.hostLabel}.${domain}:${(server.address() as AddressInfo).port}/cart`);
    assert.equal(await page.textContent('h1'), 'Building the preview');
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth"), '736px');

    await store.deployments.addLog(id, [{ at: moment, step: '[3/3] RUN late', stream: 'stdout', text: 'x' }]);
    await page.getByText('[3/3] RUN late').waitFor({ timeout: 8000 });

    const failure = { code: 'build-failed' as const, fault: 'app' as const, what: 'The build failed', why: '', next: '' };
    await store.deployments.update(lease, id, { state: 'failed', failure, endedAt: moment });
    await become('failed');
    await page.getByRole('heading', { name: 'The build failed' }).waitFor({ timeout: 8000 });

    await become('starting');
    await page.reload();
    assert.equal(await page.textContent('h1'), 'Starting the preview');
    appIsThere = true;
    await become('running', id);
    await page.getByRole('heading', { name: 'The app' }).waitFor({ timeout: 8000 });
    assert.equal(new URL(page.url()).pathname, '/cart');
    assert.deepEqual(complaints, []);
  });
});
