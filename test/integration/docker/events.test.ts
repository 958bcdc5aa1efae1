import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Dockerode from 'dockerode';
import { createEngine } from '../../../src/docker/engine.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { Engine, EngineEvent } from '../../../src/reconcile/ports/engine.ts';
import { engineForTest, testPreviewId } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';

const { docker, engine, instance, log, spec, image, cleanUp } = engineForTest();
const signal = new AbortController().signal;
const dir = await mkdtemp(join(tmpdir(), 'kosuke-engine-'));
after(async () => {
  await cleanUp();
  await rm(dir, { recursive: true });
});

const over = (socketPath: string, limitMs: number): Engine =>
  createEngine({ docker: new Dockerode({ socketPath }), instance, subnets: '10.232.0.0/16', log, limitMs });

test('starts, deaths and kills of our containers are told, and the watch starts anew when its stream breaks', async () => {
  const proxy = await proxyToEngine(join(dir, 'proxy.sock'));
  const events: EngineEvent[] = [];
  const stop = new AbortController();
  const watching = over(join(dir, 'proxy.sock'), 5_000).watch((event) => events.push(event), stop.signal);
  await eventually('it is connected', () => events.length === 1);
  assert.deepEqual(events, [{ kind: 'connected' }]);

  const brief = await image('brief', ['CMD ["true"]']);
  const { id } = await engine.createContainer(spec(31, { image: brief }), signal);
  await engine.startContainer(id, signal);
  const ids = { previewId: testPreviewId, deploymentId: 31 };
  await eventually('start and death are told', () => events.length === 3);
  assert.deepEqual(events.slice(1), [{ kind: 'start', ...ids }, { kind: 'die', ...ids }]);

  const { id: killed } = await engine.createContainer(spec(34, { image: await image('killed', ['CMD ["sleep", "600"]']) }), signal);
  await engine.startContainer(killed, signal);
  // A reload is asked for by such a signal, and ends nothing.
  await docker.getContainer(killed).kill({ signal: 'SIGWINCH' });
  await docker.getContainer(killed).kill();
  await eventually('start, kill and death are told', () => events.length === 6);
  assert.deepEqual(events.slice(3).map(({ kind }) => kind), ['start', 'kill', 'die']);
  const kill = events.find((event) => event.kind === 'kill');
  assert.equal(kill?.containerId, killed);
  const { State: state } = await docker.getContainer(killed).inspect();
  assert.ok(kill.at.getTime() >= Date.parse(state.StartedAt) && kill.at.getTime() <= Date.parse(state.FinishedAt) + 1);

  for (const socket of proxy.sockets) socket.destroy();
  await eventually('it is connected again', () => events.length === 8);
  assert.deepEqual(events.slice(6), [{ kind: 'lost' }, { kind: 'connected' }]);

  stop.abort();
  await watching;
  await eventually('no connection is left', () => proxy.sockets.size === 0);
  proxy.server.close();
});

test('an engine that never answers is a typed error in time, for every verb', async () => {
  const socketPath = join(dir, 'hung.sock');
  const held = new Set<Socket>();
  const server = createServer((socket) => {
    held.add(socket);
    socket.on('close', () => held.delete(socket)).on('error', () => undefined).resume();
  });
  await once(server.listen(socketPath), 'listening');
  const hung = over(socketPath, 200);
  const verbs: Record<Exclude<keyof Engine, 'watch'>, () => Promise<unknown>> = {
    ping: () => hung.ping(signal),
    things: () => hung.things(signal),
    publishedPorts: () => hung.publishedPorts(signal),
    highestDeployment: () => hung.highestDeployment(signal),
    ensureNetwork: () => hung.ensureNetwork({ name: 'n', labels: {} }, signal),
    removeNetwork: () => hung.removeNetwork('n', signal),
    createContainer: () => hung.createContainer(spec(32), signal),
    startContainer: () => hung.startContainer('x', signal),
    stopContainer: () => hung.stopContainer('x', 0, signal),
    removeContainer: () => hung.removeContainer('x', signal),
    logTail: () => hung.logTail('x', 1, signal),
    listeningPorts: () => hung.listeningPorts('x', signal),
    askPort: () => hung.askPort('x', 80, 'h', signal),
    fileCapabilities: () => hung.fileCapabilities('x', '/x', signal),
    image: () => hung.image('x', signal),
    removeImage: () => hung.removeImage('x', signal),
    imageNames: () => hung.imageNames('x', signal),
    diskUsage: () => hung.diskUsage(signal),
    pruneCache: () => hung.pruneCache(1, signal),
  };
  const before = performance.now();
  await Promise.all(
    Object.entries(verbs).map(([name, verb]) =>
      assert.rejects(verb(), (error) => {
        assert.ok(error instanceof KosukeError, name);
        assert.equal(error.failure.code, 'engine', name);
        assert.match(error.failure.why, /^It did not answer within 0\.[24] s$/, name);
        return true;
      }),
    ),
  );
  assert.ok(performance.now() - before < 3_000);
  await eventually('no connection is left open', () => held.size === 0);
  server.close();
});

test('a caller whose signal ends gets its own reason, and at once', async () => {
  const socketPath = join(dir, 'hung-too.sock');
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  await once(server.listen(socketPath), 'listening');
  const caller = new AbortController();
  const reason = new Error('the lease is over');
  const asking = over(socketPath, 60_000).image('x', caller.signal);
  caller.abort(reason);
  await assert.rejects(asking, reason);
  server.close();
});

test('an engine that is not there is a typed error that says so', async () => {
  await assert.rejects(over(join(dir, 'none.sock'), 5_000).ping(signal), (error) => {
    assert.ok(error instanceof KosukeError);
    assert.equal(error.failure.code, 'engine');
    assert.match(error.failure.why, /ENOENT/);
    return true;
  });
});

/** A unix socket in front of the engine whose connections a test can break. */
async function proxyToEngine(path: string): Promise<{ server: Server; sockets: Set<Socket> }> {
  const target = await engineAddress();
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    sockets.add(near);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => {
      sockets.delete(near);
      far.destroy();
    });
    far.on('error', () => near.destroy());
  });
  await once(server.listen(path), 'listening');
  return { server, sockets };
}

async function engineAddress(): Promise<{ path: string } | { host: string; port: number }> {
  const { host, port, getSocketPath } = docker.modem as unknown as { host?: string; port?: string; getSocketPath(): Promise<string> };
  return host === undefined ? { path: await getSocketPath.call(docker.modem) } : { host, port: Number(port) };
}
