import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { statusReports } from '../../../src/reconcile/reports.ts';
import type { Reporter } from '../../../src/reconcile/ports/reporter.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;
/** The ports that are given out, in this order. */
let ports: number[];

beforeEach(async () => {
  world = await fakeReconciler();
  ports = [20_001, 20_002, 20_003, 20_004, 20_005, 20_006, 20_007];
  await world.sighted();
});
afterEach(() => world.close());

const withoutTraefik = () => {
  world.edge.ports = { free: () => Promise.resolve(ports.shift()!) };
};
const pushed = async (commit: string) => {
  await world.push('a', commit);
  await world.work();
  return world.newest('a');
};
const kicked = async () => {
  await world.store.previews.kick((await world.preview('a')).id, { look: false }, world.clock.now());
  await world.work();
};
const taken = () =>
  new KosukeError({ code: 'port-taken', fault: 'us', what: 'The port at which the container was to be reached is taken', why: 'port is already allocated', next: '' });

test('with Traefik no container publishes a port; without it each does, on 127.0.0.1, and has no labels for Traefik', async () => {
  await pushed(sha('a'));
  withoutTraefik();
  await pushed(sha('b'));
  const [withIt, without] = world.engine.specs;
  assert.equal(withIt?.publish, undefined);
  assert.ok(Object.keys(withIt!.labels).some((key) => key.startsWith('traefik.')));
  assert.deepEqual(without?.publish, { containerPort: 3000, hostPort: 20_001 });
  assert.deepEqual(Object.keys(without.labels).filter((key) => /^traefik\.|edge$/.test(key)), []);
  assert.deepEqual([without.env['PREVIEW_URL'], without.env['PREVIEW_HOST']], ['http://127.0.0.1:20001', '127.0.0.1']);
  assert.deepEqual([withIt!.env['PREVIEW_URL'], withIt!.env['PREVIEW_HOST']], ['http://project-1-a.kosuke.localhost', 'project-1-a.kosuke.localhost']);
});

test('a container whose port is taken when it starts is replaced by one with another port', async () => {
  withoutTraefik();
  world.engine.before = (what) => {
    if (what.startsWith('start ') && world.engine.specs.length < 3) throw taken();
  };
  const { id, state } = await pushed(sha('a'));
  assert.equal(state, 'live');
  assert.deepEqual(world.engine.specs.map(({ publish }) => publish?.hostPort), [20_001, 20_002, 20_003]);
  assert.deepEqual(world.engine.containers.map(({ deploymentId, publishedPort }) => [deploymentId, publishedPort]), [[id, 20_003]]);
});

test('five taken ports are an error of ours, tried again later', async () => {
  withoutTraefik();
  let refused = 0;
  world.engine.before = (what) => {
    if (!what.startsWith('start ') || refused === 5) return;
    refused += 1;
    throw taken();
  };
  await world.push('a', sha('a'));
  await world.work(async () => (await world.store.previews.all()).length > 0 && (await world.newest('a').catch(() => null))?.state === 'error');
  assert.equal((await world.newest('a')).failure?.code, 'port-taken');
  world.clock.offsetMs += 10_000;
  await world.work();
  assert.equal((await world.newest('a')).state, 'live');
  assert.deepEqual(world.engine.containers.map(({ publishedPort }) => publishedPort), [20_006]);
});

test('waking starts the same container; one whose port was taken meanwhile is replaced', async () => {
  withoutTraefik();
  await pushed(sha('a'));
  const preview = await world.preview('a');
  const sleep = async (asleepSha: string | null) => {
    await world.store.previews.setWill(preview.id, { asleepSha });
    await world.store.previews.kick(preview.id, { look: true }, world.clock.now());
    await world.work();
  };
  await sleep(sha('a'));
  await sleep(null);
  assert.deepEqual(world.engine.specs.map(({ publish }) => publish?.hostPort), [20_001]);
  await sleep(sha('a'));
  world.engine.before = (what) => {
    if (what.startsWith('start ') && world.engine.specs.length === 1) throw taken();
  };
  await sleep(null);
  assert.equal((await world.preview('a')).state, 'running');
  assert.deepEqual(world.engine.containers.map(({ publishedPort, status }) => [publishedPort, status]), [[20_002, 'running']]);
});

test('containers that were made with Traefik are replaced without it, and the other way round; a second pass does nothing', async () => {
  const { id } = await pushed(sha('a'));
  for (const change of [withoutTraefik, () => void (world.edge.ports = null)]) {
    change();
    await kicked();
    const [container, ...more] = world.engine.containers;
    assert.deepEqual([container?.deploymentId, container?.status, more], [id, 'running', []]);
    assert.equal(container?.publishedPort === null, world.edge.ports === null);
    assert.equal((await world.preview('a')).state, 'running');
    assert.equal((await world.newest('a')).state, 'live');
    world.engine.did.length = 0;
    await kicked();
    assert.deepEqual(world.engine.did, []);
  }
});

test('GitHub is told of the address with each success, again when it changes, and of none while it sleeps; a restart at the same port is not told', async () => {
  withoutTraefik();
  const told: Parameters<Reporter['createStatus']>[0][] = [];
  world.deps.reporter.createStatus = (status) => Promise.resolve(void told.push(status));
  const reports = statusReports(world.deps, new AbortController().signal);
  const said = async () => {
    for (let work = await reports.claim(); work !== null; work = await reports.claim()) await work();
    return told.splice(0).map(({ status, environmentUrl }) => `${status} ${environmentUrl}`);
  };
  const { id } = await pushed(sha('a'));
  assert.equal((await said()).at(-1), 'success http://127.0.0.1:20001');
  world.engine.exit(id, 1);
  await kicked();
  assert.equal((await world.newest('a')).state, 'live');
  assert.deepEqual(await said(), []);

  const preview = await world.preview('a');
  await world.store.previews.setWill(preview.id, { asleepSha: sha('a') });
  await world.store.previews.kick(preview.id, { look: true }, world.clock.now());
  await world.work();
  assert.deepEqual(await said(), ['success null']);
  await world.store.previews.setWill(preview.id, { asleepSha: null });
  await world.store.previews.kick(preview.id, { look: true }, world.clock.now());
  await world.work();
  assert.deepEqual(await said(), ['success http://127.0.0.1:20001']);
  world.edge.ports = null;
  await kicked();
  assert.deepEqual(await said(), ['success http://project-1-a.kosuke.localhost']);
});
