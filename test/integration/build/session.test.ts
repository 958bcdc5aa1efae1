import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type ClientHttp2Session } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { textsAsSource, type LocalSource } from '../../../src/build/local-source.ts';
import { records } from '../../../src/build/records.ts';
import { openSession, type BuildSession } from '../../../src/build/session.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

const dir = await mkdtemp(join(tmpdir(), 'kosuke-session-'));
after(() => rm(dir, { recursive: true }));

async function engineThat(name: string, answer: string | null): Promise<{ docker: Dockerode; close(): void }> {
  const socketPath = join(dir, name);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => answer !== null && socket.end(answer));
  });
  await once(server.listen(socketPath), 'listening');
  return { docker: new Dockerode({ socketPath }), close: () => server.close() };
}

test('an engine that says nothing is left after half a minute, not at the end of the time for the build', async (t) => {
  const engine = await engineThat('silent.sock', null);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const opening = assert.rejects(openSession(engine.docker, {}, new AbortController().signal), /it opened no build session within 30 s/);
  t.mock.timers.tick(30_000);
  await opening;
  engine.close();
});

test('an engine that answers the call for a session with something else is an error', async () => {
  const engine = await engineThat('plain.sock', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
  await assert.rejects(openSession(engine.docker, {}, new AbortController().signal), /it opened no build session/);
  engine.close();
});

test('a session is asked for without a body: nothing of the request may reach the engine once it speaks HTTP/2', async () => {
  const socketPath = join(dir, 'bodiless');
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => {
      heard.push(chunk);
      if (heard.length === 1) setTimeout(() => socket.end('HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n'), 100);
    });
  });
  await once(server.listen(socketPath), 'listening');
  await assert.rejects(openSession(new Dockerode({ socketPath }), {}, new AbortController().signal));
  const [head = '', ...rest] = Buffer.concat(heard).toString('latin1').split('\r\n\r\n');
  assert.match(head, /^POST \/session HTTP\/1\.1\r\n/);
  assert.match(head, /\r\nContent-Length: 0(?:\r\n|$)/i);
  assert.doesNotMatch(head, /transfer-encoding/i);
  assert.deepEqual(rest, ['']);
  server.close();
});

test('the signal ends the opening with its reason', async () => {
  const engine = await engineThat('waiting.sock', null);
  const caller = new AbortController();
  const opening = assert.rejects(openSession(engine.docker, {}, caller.signal), /enough/);
  caller.abort(new Error('enough'));
  await opening;
  engine.close();
});

test('questions that come with the one during which the session is closed are left alone', async () => {
  const socketPath = join(dir, 'asking.sock');
  const { promise: asked, resolve } = Promise.withResolvers<ClientHttp2Session>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      const client = connect('http://engine', { createConnection: () => socket }).on('error', () => undefined);
      for (let at = 0; at < 3; at += 1) client.request({ ':method': 'POST', ':path': '/moby.filesync.v1.FileSync/DiffCopy', 'dir-name': 'context' }).on('error', () => undefined);
      resolve(client);
    });
  });
  await once(server.listen(socketPath), 'listening');
  let questions = 0;
  let session: BuildSession | null = null;
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const context: LocalSource = {
    get files() {
      questions += 1;
      session?.close();
      open();
      return [];
    },
    read: () => Promise.reject(new Error('nobody asks')),
  };
  session = await openSession(new Dockerode({ socketPath }), { context }, new AbortController().signal);
  await opened;
  // Whatever is thrown now has nobody to catch it.
  await setImmediate();
  assert.equal(questions, 1);
  (await asked).destroy();
  server.close();
});

const dockerfile = textsAsSource({ Dockerfile: 'FROM scratch\nCOPY page /\n' });

test('files that cannot be read end the build, and the session says why', async () => {
  const cause = new Error('the disk broke');
  const context = { ...textsAsSource({ page: 'page' }), read: () => Promise.reject(cause) };
  const { error, failure } = await buildWith({ dockerfile, context });
  assert.match(error, /the files could not be read/);
  assert.equal(failure, cause);
});

test('an engine that asks for files that are not there is told so, which is no failure of ours', async () => {
  const { error, failure } = await buildWith({ dockerfile });
  assert.match(error, /NotFound/);
  assert.equal(failure, null);
});

/** So many COPY lines with names that are not alike, of 100 characters and 600 to a line. */
function copying(lines: number): string {
  const name = () => randomBytes(50).toString('hex');
  return `FROM scratch\n${Array.from({ length: lines }, () => `COPY ${Array.from({ length: 600 }, name).join(' ')} /x/\n`).join('')}`;
}

test('a Dockerfile that copies very many single paths is asked for them all, and one beyond what the connection takes is the repository’s own failure', async () => {
  const context = textsAsSource({ page: 'page' });
  const some = await buildWith({ dockerfile: textsAsSource({ Dockerfile: copying(2) }), context });
  assert.match(some.error, /not found/);
  assert.equal(some.failure, null);
  const { failure } = await buildWith({ dockerfile: textsAsSource({ Dockerfile: copying(8) }), context });
  assert.ok(failure instanceof KosukeError, String(failure));
  assert.deepEqual([failure.failure.code, failure.failure.fault], ['build-failed', 'app']);
  assert.match(failure.failure.next, /^Copy folders/);
});

/** What a build on the real engine with these files ends with. */
async function buildWith(sources: Record<string, LocalSource>): Promise<{ error: string; failure: unknown }> {
  const docker = new Dockerode();
  const session = await openSession(docker, sources, new AbortController().signal);
  try {
    return { error: await endOf(docker, session), failure: session.failure() };
  } finally {
    session.close();
  }
}

async function endOf(docker: Dockerode, session: BuildSession): Promise<string> {
  const options = { _query: { version: '2', remote: 'client-session', session: session.id }, _body: {} };
  const answer = await new Promise<Readable>((resolve, reject) => {
    docker.modem.dial({ path: '/build?', method: 'POST', options, isStream: true, statusCodes: { 200: true } }, (error, stream) =>
      error ? reject(error) : resolve(stream as Readable),
    );
  });
  for await (const { error } of records(answer)) if (error !== undefined) return error;
  return 'nothing';
}
