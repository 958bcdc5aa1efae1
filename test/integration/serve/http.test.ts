import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import { createGate } from '../../../src/gate/gate.ts';
import { createHttpServer, listen } from '../../../src/serve/http.ts';
import { answerMetrics, createMetricsServer } from '../../../src/serve/metrics-server.ts';
import { systemClock as clock } from '../../../src/serve/clock.ts';
import { isPreviewHost } from '../../../src/settings.ts';
import { testStore } from '../../support/store.ts';

const scrape = () => Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'kosuke_passes_total 1\n' });

describe('the server, asked for a host', () => {
  let server: Server;
  let port: number;
  let closeStore: () => Promise<void>;

  before(async () => {
    const { store, close } = await testStore();
    closeStore = close;
    const log = pino({ level: 'silent' });
    const previewUrl = (label: string) => `https://${label}.kosuke.ai`;
    const health = () => Promise.reject(new Error('not asked here'));
    const dashboard = createDashboard({ store, previewUrl: ({ hostLabel }) => Promise.resolve(previewUrl(hostLabel)), publicUrl: 'https://kosuke.ai', health, clock, log, stop: new AbortController().signal });
    server = createHttpServer({
      isPreviewHost: (host) => isPreviewHost({ previewDomain: 'kosuke.ai' }, host),
      gate: createGate({ store, previewDomain: 'kosuke.ai', previewUrl, clock, log }),
      intake: async (_request, response) => void response.end('intake'),
      metrics: (request, response) => answerMetrics(scrape, request, response),
      dashboard: (request) => dashboard.fetch(request),
      log,
    });
    port = await listen(server, '127.0.0.1', 0);
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await closeStore();
  });

  function ask(head: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`));
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.once('error', reject).once('close', () => resolve(text));
    });
  }
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

  it('answers a preview host by the gate and nothing else, however it is written', async () => {
    for (const host of ['project-1-a.kosuke.ai', 'project-1-a.kosuke.ai.', 'PROJECT-1-a.KOSUKE.ai:80', 'project-1-a.kosuke.ai.:80']) {
      for (const line of ['GET /healthz', 'GET /', 'POST /api/github/webhooks']) {
        const answer = await ask(`${line} HTTP/1.1\r\nHost: ${host}`);
        assert.match(answer, /^x-kosuke-state: unknown\r$/im, `${line} ${host}`);
      }
    }
    assert.equal(statusOf(await ask('POST /api/github/webhooks HTTP/1.1\r\nHost: project-1-a.kosuke.ai:')), 400, 'a port of no digits');
  });

  it('answers any other host by the pages and the intake', async () => {
    for (const host of ['kosuke.ai', 'kosuke.ai.', '127.0.0.1:3000', 'project-1-a.example']) {
      assert.match(await ask(`GET /healthz HTTP/1.1\r\nHost: ${host}`), /^HTTP\/1\.1 200 [^]*{"ok":true}/);
      assert.match(await ask(`POST /api/github/webhooks HTTP/1.1\r\nHost: ${host}`), /\r\n\r\n[^]*intake/);
    }
  });

  it('answers a loopback name by the metrics, and no other host', async () => {
    for (const host of ['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1', '127.0.0.1:3000', '[::1]', '[::1]:3000']) {
      assert.match(await ask(`GET /metrics HTTP/1.1\r\nHost: ${host}`), /^HTTP\/1\.1 200 [^]*version=0\.0\.4[^]*kosuke_passes_total 1/, host);
    }
    const others = ['kosuke.ai', 'preview.kosuke.ai', 'localhost.', 'a.localhost', 'localhost.kosuke.ai', '127.0.0.2', '127.0.0.1.kosuke.ai', '10.0.0.1', '[::2]', '0.0.0.0'];
    for (const host of others) {
      const answer = await ask(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: localhost\r\nX-Forwarded-For: 127.0.0.1`);
      assert.equal(statusOf(answer), 404, host);
      assert.doesNotMatch(answer, /kosuke_passes_total/);
    }
    for (const host of ['::1', '', 'localhost, kosuke.ai']) assert.equal(statusOf(await ask(`GET /metrics HTTP/1.1\r\nHost: ${host}`)), 400, `"${host}" is no host`);
    const preview = await ask('GET /metrics HTTP/1.1\r\nHost: project-1-a.kosuke.ai');
    assert.match(preview, /^x-kosuke-state: unknown\r$/im);
    assert.doesNotMatch(preview, /kosuke_passes_total/);
  });

  it('lets metrics only be read, and only at their own path', async () => {
    const head = await ask('HEAD /metrics HTTP/1.1\r\nHost: localhost');
    assert.equal(statusOf(head), 200);
    assert.doesNotMatch(head, /kosuke_passes_total/);
    assert.match(await ask('POST /metrics HTTP/1.1\r\nHost: localhost'), /^HTTP\/1\.1 405 [^]*allow: GET, HEAD/);
    for (const path of ['/metrics/', '/metrics/x', '/Metrics', '/%6detrics']) assert.equal(statusOf(await ask(`GET ${path} HTTP/1.1\r\nHost: localhost`)), 404, path);
    assert.equal(statusOf(await ask('GET /metrics?x=1 HTTP/1.1\r\nHost: localhost')), 200);
  });

  it('says no more than that they could not be read when metrics fail as a whole', async (context) => {
    const broken = () => Promise.reject(new Error('a text from inside'));
    const own = createMetricsServer(broken, pino({ level: 'silent' }));
    context.after(() => own.close());
    const answer = await fetch(`http://127.0.0.1:${await listen(own, '127.0.0.1', 0)}/metrics`);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /inside/);
  });

  it('refuses a target that names a host of its own, which another may have been routed by', async () => {
    for (const host of ['kosuke.ai', 'project-1-a.kosuke.ai']) {
      for (const target of ['http://project-2-b.kosuke.ai/', 'http://localhost/metrics', 'http://kosuke.ai/healthz', 'http://kosuke.ai/api/github/webhooks', '*']) {
        assert.equal(statusOf(await ask(`GET ${target} HTTP/1.1\r\nHost: ${host}`)), 400, target);
      }
    }
    assert.equal(statusOf(await ask('OPTIONS * HTTP/1.1\r\nHost: kosuke.ai')), 204);
  });
});
