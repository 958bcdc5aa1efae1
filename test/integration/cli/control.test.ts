import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import pino from 'pino';
import { connect, ControlError, controlSocket } from '../../../src/cli/client.ts';
import { createControlServer } from '../../../src/cli/control-server.ts';
import type { LogPart, Operations, PreviewRow } from '../../../src/cli/operations.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

const row: PreviewRow = { hostLabel: 'project-1-a', url: 'https://project-1-a.kosuke.ai', repository: 'acme/shop', ref: 'a', pulls: [1], state: 'running', setAside: null, live: null, latest: null };
const part: LogPart = { deployment: { id: 7, sha: 'a', state: 'live' }, lines: [{ at: '2026-11-23T09:30:00.000Z', step: null, stream: 'stdout', text: 'höhö\n"' }], next: 1, ended: true };
const preview = { kind: 'branch', owner: 'acme', repo: 'shop', branch: "$(id)`'\n" } as const;

test('every operation goes through the socket with its request, and comes back with its answer', async (t) => {
  const { dataDir, asked } = await served(t, {});
  const operations = await connected(dataDir);
  assert.deepEqual(await operations.list({ all: true }), { ok: true, value: [row] });
  assert.deepEqual(await operations.logs({ preview, deployment: null, from: 3 }), { ok: true, value: part });
  for (const name of ['redeploy', 'sleep', 'wake', 'remove'] as const) assert.deepEqual(await operations[name]({ preview }), { ok: true, value: row });
  assert.deepEqual(await operations.sweep(), { ok: true, value: { looked: 1, kicked: 0, requests: 3, free: 2, problems: [] } });
  assert.deepEqual(await operations.planSweep(), { ok: true, value: { looked: 1, steps: [], problems: [] } });
  assert.deepEqual(asked, [
    ['list', { all: true }], ['logs', { preview, deployment: null, from: 3 }], ['redeploy', { preview }], ['sleep', { preview }], ['wake', { preview }], ['remove', { preview }], ['sweep', undefined], ['planSweep', undefined],
  ]);
});

test('a problem that a person can put right comes back as an answer', async (t) => {
  const { dataDir } = await served(t, { wake: () => Promise.resolve({ ok: false, problem: 'There is no such preview.' }) });
  assert.deepEqual(await (await connected(dataDir)).wake({ preview }), { ok: false, problem: 'There is no such preview.' });
});

test('a fault is logged once where it happened, and told in a sentence', async (t) => {
  const failure = { code: 'engine', fault: 'us', what: 'The engine did not answer', why: 'connection refused', next: '' } as const;
  const { dataDir, logged } = await served(t, { sleep: () => Promise.reject(new KosukeError(failure)) });
  const operations = await connected(dataDir);
  await assert.rejects(operations.sleep({ preview }), (error) => error instanceof ControlError && error.message === 'The engine did not answer: connection refused. The log of `serve` says more.');
  assert.equal(logged.filter((line) => line.includes('a command failed')).length, 1);
});

test('requests of another shape, unknown ones and endless ones reach no operation', async (t) => {
  const { dataDir, asked } = await served(t, {});
  const bad: [path: string, body: string][] = [
    ['/operations/wake', '{}'], ['/operations/wake', 'no json'], ['/operations/wake', JSON.stringify({ preview: { kind: 'host' } })], ['/operations/list', JSON.stringify({ all: true, more: 1 })],
    ['/operations/logs', JSON.stringify({ preview, deployment: -1, from: 0 })], ['/operations/constructor', '{}'], ['/operations/', '{}'], ['/list', '{}'],
  ];
  for (const [path, body] of bad) assert.match(await raw(dataDir, path, body), /^HTTP\/1\.1 40[04] [\s\S]+"problem":"The running program does not know this command\./, `${path} ${body}`);
  assert.equal(await raw(dataDir, '/operations/list', ' '.repeat(100_000)), '');
  assert.deepEqual(asked, []);
});

test('where nothing runs there is nothing to connect to, be there a dead socket or none', async (t) => {
  const dataDir = directory(t);
  assert.equal(await connect(dataDir), null);
  const { dataDir: left, server } = await served(t, {});
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await connect(left), null);
});

test('one that is still starting is waited for', async (t) => {
  const dataDir = directory(t);
  const server = await listening(controlSocket(dataDir), t);
  const connecting = connect(dataDir);
  await new Promise((resolve) => server.once('connection', resolve));
  createControlServer(server, operationsThat({}, []), pino({ level: 'silent' }));
  const operations = await connecting;
  assert.ok(operations !== null && (await operations.list({ all: false })).ok);
});

test('closing answers what is in hand and takes nothing new', async (t) => {
  let finish = () => {};
  let started = () => {};
  const begun = new Promise<void>((resolve) => (started = resolve));
  const slow = new Promise<void>((resolve) => (finish = resolve));
  const { dataDir, control } = await served(t, {
    sweep: async () => {
      started();
      await slow;
      return { ok: true, value: { looked: 0, kicked: 0, requests: 3, free: 2, problems: [] } };
    },
  });
  const operations = await connected(dataDir);
  const sweeping = operations.sweep();
  await begun;
  const closing = control.close();
  finish();
  await closing;
  assert.deepEqual(await sweeping, { ok: true, value: { looked: 0, kicked: 0, requests: 3, free: 2, problems: [] } });
});

test('one that goes away before its answer harms nothing', async (t) => {
  const { dataDir, control } = await served(t, {});
  const socket = connectSocket(controlSocket(dataDir));
  socket.write('POST /operations/wake HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  assert.ok((await (await connected(dataDir)).list({ all: false })).ok);
  await control.close();
});

async function connected(dataDir: string): Promise<Operations> {
  const operations = await connect(dataDir);
  assert.ok(operations !== null);
  return operations;
}

async function served(t: TestContext, changed: Partial<Operations>) {
  const dataDir = directory(t);
  const asked: [string, unknown][] = [];
  const server = await listening(controlSocket(dataDir), t);
  const logged: string[] = [];
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (logged.push(chunk.toString()), done()) });
  const control = createControlServer(server, operationsThat(changed, asked), pino({ level: 'error' }, sink));
  return { dataDir, asked, logged, server, control };
}

/** Each notes in `asked` what it was asked. */
function operationsThat(changed: Partial<Operations>, asked: [string, unknown][]): Operations {
  const noting = <A, B>(name: string, answer: B) => (request?: A) => {
    asked.push([name, request]);
    return Promise.resolve({ ok: true as const, value: answer });
  };
  return {
    list: noting('list', [row]), setAside: noting('setAside', []), logs: noting('logs', part), redeploy: noting('redeploy', row), sleep: noting('sleep', row), wake: noting('wake', row), remove: noting('remove', row),
    sweep: noting('sweep', { looked: 1, kicked: 0, requests: 3, free: 2, problems: [] }), planSweep: noting('planSweep', { looked: 1, steps: [], problems: [] }), ...changed,
  };
}

async function listening(path: string, t: TestContext): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server;
}

function directory(t: TestContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'kosuke-cli-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** The whole answer to one request, `''` when the connection is cut without one. */
function raw(dataDir: string, path: string, body: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connectSocket(controlSocket(dataDir));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
}
