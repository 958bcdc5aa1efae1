import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { createIntake, type IntakeOptions } from '../../../src/github/intake.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { createHttpServer, listen } from '../../../src/serve/http.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { capturedLog, realClock, webhookSecret as secret } from './support.ts';

const mebibyte = 1024 * 1024;
const largest = 25 * mebibyte;
const small = JSON.stringify({ ref: 'refs/heads/main' });
const large = JSON.stringify({ ref: 'x'.repeat(2 * mebibyte) });

describe('bodies that are held open without a signature', () => {
  let store: Store;
  let closeStore: () => Promise<void>;
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    ({ store, close: closeStore } = await testStore());
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  after(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await closeStore();
  });

  async function serve(options: Partial<IntakeOptions> = {}): Promise<number> {
    const { log } = capturedLog();
    const server = createHttpServer({
      isPreviewHost: () => false,
      gate: async () => new Response(),
      intake: createIntake({ secret, deliveries: store.deliveries, clock: realClock, log, ...options }),
      metrics: null,
      dashboard: () => new Response(),
      log,
    });
    servers.push(server);
    return listen(server, '127.0.0.1', 0);
  }

  async function signed(port: number, body: string): Promise<number> {
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    const answer = await fetch(`http://127.0.0.1:${port}/api/github/webhooks`, { method: 'POST', body, headers });
    await answer.body?.cancel();
    return answer.status;
  }

  /** Declares so many bytes and sends some of them. `answer` is the first line that comes back, '' while none has come. */
  async function held(port: number, declared: number, sent: number) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const found = { socket, answer: '' };
    socket.on('error', () => socket.destroy()).on('data', (chunk) => (found.answer ||= String(chunk).split('\r\n', 1)[0]!));
    await once(socket, 'connect');
    socket.write(
      `POST /api/github/webhooks HTTP/1.1\r\nHost: x\r\ncontent-type: application/json\r\nx-hub-signature-256: sha256=${'0'.repeat(64)}\r\ncontent-length: ${declared}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.write(Buffer.alloc(sent, 32), () => resolve()));
    return found;
  }

  it('four of the largest do not keep out what GitHub sends', async () => {
    const port = await serve({ paceSpanMs: 60_000 });
    const uploads = await Promise.all(Array.from({ length: 4 }, () => held(port, largest, largest - 1)));
    await eventually('the room for large bodies is taken', async () => (await signed(port, large)) === 503);
    assert.equal(await signed(port, small), 202);
    assert.deepEqual(uploads.map(({ answer }) => answer), ['', '', '', ''], 'they are held all the while');
  });

  it('one of them that keeps no pace is given up, long before its time is over', async () => {
    const port = await serve({ paceSpanMs: 100, bodyTimeoutMs: 60_000 });
    const stalled = await held(port, largest, largest - 1);
    await eventually('408', () => stalled.answer === 'HTTP/1.1 408 Request Timeout');
    assert.equal(await signed(port, large), 202);
  });

  it('one that keeps its pace is waited for', async () => {
    const port = await serve({ paceSpanMs: 500, bodyTimeoutMs: 60_000 });
    const steady = await held(port, largest, 1);
    const began = performance.now();
    const sending = setInterval(() => steady.socket.write(Buffer.alloc(32 * 1024, 32)), 50).unref();
    const stalled = await held(port, largest, 1);
    await eventually('the other one is given up', () => stalled.answer !== '');
    assert.ok(performance.now() - began >= 900, 'not in the first span');
    assert.equal(steady.answer, '');
    clearInterval(sending);
  });

  it('any number of small ones does not keep out what GitHub sends: who has been arriving for longest gives way', async () => {
    const port = await serve();
    const first = await held(port, 100, 1);
    const others = await Promise.all(Array.from({ length: 63 }, () => held(port, 100, 1)));
    assert.equal(await signed(port, small), 202);
    await eventually('the first gave way', () => first.answer === 'HTTP/1.1 503 Service Unavailable');
    assert.deepEqual(others.filter(({ answer }) => answer !== ''), []);
    assert.equal(await signed(port, small), 202, 'into the seat that is free again');
    assert.deepEqual(others.filter(({ answer }) => answer !== ''), []);
  });
});
