import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createIntake, type IntakeOptions } from '../../../src/github/intake.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { capturedLog, realClock, webhookSecret as secret } from './support.ts';

const push = JSON.stringify({ ref: 'refs/heads/ünï' });

describe('the intake of webhooks', () => {
  let store: Store;
  let closeStore: () => Promise<void>;
  let port: number;
  const servers: Server[] = [];

  before(async () => {
    ({ store, close: closeStore } = await testStore());
    port = await serve({});
  });
  after(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await closeStore();
  });

  async function serve(options: Partial<IntakeOptions>): Promise<number> {
    const take = createIntake({ secret, deliveries: store.deliveries, clock: realClock, log: capturedLog().log, ...options });
    const server = createServer((request, response) => void take(request, response));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  const sign = (body: string | Buffer) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headersFor = (body: string | Buffer, event = 'push') => ({
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': randomUUID() as string,
    'x-hub-signature-256': sign(body),
  });
  const post = (body: string | Buffer, headers: Record<string, string> = headersFor(body), to = port) =>
    fetch(`http://127.0.0.1:${to}/api/github/webhooks`, { method: 'POST', body, headers });

  /** What waits in the ledger; claiming takes it out of the way of the next test. */
  async function claimed() {
    const found = [];
    for (;;) {
      const delivery = await store.deliveries.claim(new Date(), 60_000);
      if (!delivery) return found;
      found.push(delivery);
      await store.deliveries.finish(delivery.guid, 'handled', new Date());
    }
  }

  it('stores a delivery before it answers 202', async () => {
    const headers = headersFor(push);
    const answer = await post(push, headers);
    assert.equal(answer.status, 202);
    assert.deepEqual(await answer.json(), { status: 'stored' });
    const [delivery] = await claimed();
    assert.deepEqual(delivery, { guid: headers['x-github-delivery'], event: 'push', payload: JSON.parse(push), attempts: 0 });
  });

  it('wakes whoever waits for deliveries', async () => {
    let woken = 0;
    const stop = store.signals.on('delivery', () => (woken += 1));
    await post(push);
    await eventually('the signal', () => woken === 1);
    stop();
    await claimed();
  });

  it('answers 200 to a GUID that it has seen, and stores it once, even 50 at a time', async () => {
    const headers = headersFor(push);
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(push, headers)));
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    assert.deepEqual(statuses, [...Array.from({ length: 49 }, () => 200), 202]);
    assert.equal((await claimed()).length, 1);
    assert.equal((await post(push, headers)).status, 200);
    assert.deepEqual(await claimed(), []);
  });

  for (const [event, body] of [
    ['star', { action: 'created' }],
    ['ping', { zen: 'Keep it logically awesome.' }],
    ['pull_request', { action: 'assigned' }],
    ['constructor', {}],
  ] as const) {
    it(`stores and ignores ${event}${'action' in body ? `.${body.action}` : ''}`, async () => {
      const text = JSON.stringify(body);
      const headers = headersFor(text, event);
      const answer = await post(text, headers);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ignored' }]);
      assert.deepEqual(await claimed(), []);
      const again = await post(text, headers);
      assert.deepEqual([again.status, await again.json()], [200, { status: 'seen before' }]);
    });
  }

  const refused: [string, number, (body: string) => [string | Buffer, Record<string, string | undefined>]][] = [
    ['no signature', 401, (body) => [body, { 'x-hub-signature-256': undefined }]],
    ['a signature of other bytes', 401, (body) => [body, { 'x-hub-signature-256': sign(`${body} `) }]],
    ['a signature that is none', 401, (body) => [body, { 'x-hub-signature-256': 'sha256=zz' }]],
    ['a signature by SHA-1', 401, (body) => [body, { 'x-hub-signature-256': `sha1=${'a'.repeat(40)}` }]],
    ['an empty body', 401, () => ['', { 'x-hub-signature-256': sign('') }]],
    ['bytes that are not UTF-8', 401, () => [Buffer.from([0x7b, 0xff, 0x7d]), { 'x-hub-signature-256': sign(Buffer.from([0x7b, 0xff, 0x7d])) }]],
    ['a signed form', 415, (body) => [body, { 'content-type': 'application/x-www-form-urlencoded' }]],
    ['no content type', 415, (body) => [Buffer.from(body), { 'content-type': undefined }]],
    ['no GUID', 400, (body) => [body, { 'x-github-delivery': undefined }]],
    ['an odd GUID', 400, (body) => [body, { 'x-github-delivery': "x'; drop table" }]],
    ['no event', 400, (body) => [body, { 'x-github-event': undefined }]],
    ['an odd event', 400, (body) => [body, { 'x-github-event': 'Push!' }]],
    ['a JSON list', 400, () => ['[1]', { 'x-hub-signature-256': sign('[1]') }]],
    ['broken JSON', 400, () => ['{"a":', { 'x-hub-signature-256': sign('{"a":') }]],
  ];
  for (const [what, status, change] of refused) {
    it(`answers ${status} to ${what}, and stores nothing`, async () => {
      const [body, changed] = change(push);
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries({ ...headersFor(push), ...changed })) if (value !== undefined) headers[name] = value;
      const answer = await post(body, headers);
      assert.equal(answer.status, status);
      const { error } = (await answer.json()) as { error: string };
      assert.match(error, /\.$/);
      assert.deepEqual(await claimed(), []);
    });
  }

  it('answers 405 to a GET', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/github/webhooks`);
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST']);
  });

  /** Sends raw bytes, in parts, and reads what comes back until the other side ends it. */
  function raw(to: number, parts: (string | Buffer)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(to, '127.0.0.1', async () => {
        for (const part of parts) if (!socket.write(part)) await new Promise((go) => socket.once('drain', go).once('close', go));
      });
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.once('error', reject).once('close', () => resolve(text));
    });
  }
  const head = (headers: Record<string, string>, body = push) =>
    `POST /api/github/webhooks HTTP/1.1\r\nHost: x\r\n${Object.entries({ ...headersFor(body), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;

  it('answers 413 to a declared oversize, and lets the client read it while it still sends', async () => {
    const small = await serve({ maxBytes: 512 * 1024 });
    const answer = await raw(small, [head({ 'content-length': '900000' }), Buffer.alloc(900_000, 32)]);
    assert.match(answer, /^HTTP\/1\.1 413 [^]*connection: close[^]*larger than 524288 bytes/i);
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
  });

  it('answers 413 to a declared oversize before any of it is sent', async () => {
    const small = await serve({ maxBytes: 1_000, bodyTimeoutMs: 200 });
    assert.match(await raw(small, [head({ 'content-length': '1001' })]), /^HTTP\/1\.1 413 /);
  });

  it('counts a body of no declared length and answers 413 once it is too large', async () => {
    const small = await serve({ maxBytes: 1_000 });
    const chunk = `190\r\n${' '.repeat(400)}\r\n`;
    const answer = await raw(small, [head({ 'transfer-encoding': 'chunked' }), chunk, chunk, chunk, chunk, '0\r\n\r\n']);
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  it('stops reading, and hangs up, when an oversize body never ends', async () => {
    const small = await serve({ maxBytes: 1_000, bodyTimeoutMs: 5_000 });
    const endless = Array.from({ length: 400 }, () => `10000\r\n${' '.repeat(0x10000)}\r\n`);
    const answer = await raw(small, [head({ 'transfer-encoding': 'chunked' }), ...endless]).catch((error: NodeJS.ErrnoException) => error.code ?? '');
    assert.match(answer, /^HTTP\/1\.1 413 |ECONNRESET|EPIPE/);
  });

  it('answers 408 to a body that does not come', async () => {
    const impatient = await serve({ bodyTimeoutMs: 100 });
    assert.match(await raw(impatient, [head({ 'content-length': '50' }), '{']), /^HTTP\/1\.1 408 /);
  });

  it('takes a body in small parts', async () => {
    const body = Buffer.from(push);
    const parts = [...body].map((byte) => Buffer.from([byte]));
    const answer = await raw(port, [head({ 'content-length': String(body.length), connection: 'close' }), ...parts]);
    assert.match(answer, /^HTTP\/1\.1 202 /);
    assert.equal((await claimed()).length, 1);
  });

  it('survives a client that hangs up in the middle', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(head({ 'content-length': '50' }), () => socket.destroy()));
      socket.once('close', () => resolve());
    });
    assert.equal((await post(push)).status, 202);
    assert.equal((await claimed()).length, 1);
  });

  it('holds no more than four of the largest bodies in memory at once, and says so', async () => {
    const small = await serve({ maxBytes: 1_000, smallBytes: 0, bodyTimeoutMs: 2_000 });
    const holding = Array.from({ length: 4 }, () => raw(small, [head({ 'content-length': '1000' }), Buffer.alloc(999, 32)]));
    const busy = await eventually('a refusal', async () => {
      const answer = await post(push, headersFor(push), small);
      await answer.body?.cancel();
      return answer.status === 503 && answer;
    });
    assert.equal(busy.headers.get('retry-after'), '10');
    await Promise.all(holding);
    assert.equal((await post(push, headersFor(push), small)).status, 202);
    await claimed();
  });

  it('answers 503 with Retry-After, never 2xx, when the database is away or too slow', async () => {
    const fails = { ...store.deliveries, add: () => Promise.reject(new Error('the database is away')) };
    const hangs = { ...store.deliveries, add: () => new Promise<never>(() => undefined) };
    for (const deliveries of [fails, hangs]) {
      const answer = await post(push, headersFor(push), await serve({ deliveries, storeTimeoutMs: 50 }));
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '10']);
      assert.deepEqual(await answer.json(), { error: 'The delivery could not be stored. Send it again.' });
    }
  });

  it('answers 200 to an ignored delivery that is stored, even when it could not be finished', async () => {
    const deliveries = { ...store.deliveries, finish: () => Promise.reject(new Error('the database is away')) };
    const text = JSON.stringify({ action: 'created' });
    const answer = await post(text, headersFor(text, 'star'), await serve({ deliveries }));
    assert.equal(answer.status, 200);
    assert.equal((await claimed()).length, 1);
  });
});
