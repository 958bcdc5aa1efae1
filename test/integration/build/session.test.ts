import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Dockerode from 'dockerode';
import { openSession } from '../../../src/build/session.ts';

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
  const opening = assert.rejects(openSession(engine.docker, new AbortController().signal), /it opened no build session within 30 s/);
  t.mock.timers.tick(30_000);
  await opening;
  engine.close();
});

test('an engine that answers the call for a session with something else is an error', async () => {
  const engine = await engineThat('plain.sock', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
  await assert.rejects(openSession(engine.docker, new AbortController().signal), /it opened no build session/);
  engine.close();
});

test('the signal ends the opening with its reason', async () => {
  const engine = await engineThat('waiting.sock', null);
  const caller = new AbortController();
  const opening = assert.rejects(openSession(engine.docker, caller.signal), /enough/);
  caller.abort(new Error('enough'));
  await opening;
  engine.close();
});
