import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { DeploymentState } from '../../../src/domain/deployment.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
});
afterEach(() => world.close());

/** The app of every version answers on these ports and on no other, whatever it is told. */
function appListensOn(...ports: number[]): void {
  world.engine.ports = ports.map((port) => ({ port, loopbackOnly: false }));
  world.engine.started = (id) => {
    const spec = world.engine.specs.findLast(({ labels }) => labels['kosuke.deployment'] === String(id));
    world.edge.status.set(id, ports.includes(Number(spec?.env['PORT'])) ? 200 : 502);
  };
}

const isLive = (commit: string) => newestIs('live', commit);

async function newestIs(state: DeploymentState, commit = sha('a')): Promise<boolean> {
  const [newest] = await world.store.deployments.ofPreview((await world.preview('a')).id);
  return newest?.sha === commit && newest.state === state;
}
const startedWith = () => world.engine.specs.map(({ env }) => env['PORT']);
const logOf = async () => (await world.store.deployments.log((await world.newest('a')).id)).map(({ text }) => text).join('\n');

describe('an app that listens on another port than was expected', () => {
  test('of several exposed ones is started once more with it, behind the same hold; log and note say so, and the next version begins with it', async () => {
    world.build.ports = [80, 443];
    appListensOn(80);
    await world.push('a', sha('a'));
    await world.work(() => isLive(sha('a')));
    const { id, port, portFound, notes } = await world.newest('a');
    assert.deepEqual(startedWith(), ['3000', '80']);
    assert.deepEqual([port, portFound], [80, true]);
    assert.deepEqual(world.edge.did, [`hold ${id} on gate`, `release ${id}`]);
    assert.match(notes[0]?.text ?? '', /listens on port 80, not on 3000/);
    assert.match(await logOf(), /listens on port 80, not on 3000/);

    await world.push('a', sha('b'));
    await world.work(() => isLive(sha('b')));
    assert.deepEqual(startedWith(), ['3000', '80', '80']);
    assert.deepEqual((await world.newest('a')).notes, []);

    world.build.ports = [8080];
    appListensOn(8080);
    await world.push('a', sha('c'));
    await world.work(() => isLive(sha('c')));
    assert.deepEqual(startedWith(), ['3000', '80', '80', '8080'], 'an image that exposes other ports is believed again');
  });

  test('that nothing exposes is started with it, too', async () => {
    appListensOn(8080);
    await world.push('a', sha('a'));
    await world.work(() => isLive(sha('a')));
    assert.deepEqual(startedWith(), ['3000', '8080']);
    assert.match((await world.newest('a')).notes[0]?.text ?? '', /exposes port 8080 and no other/);
  });

  test('is started once more only once', async () => {
    world.engine.ports = [{ port: 8080, loopbackOnly: false }];
    world.engine.started = (id) => world.edge.status.set(id, 502);
    await world.push('a', sha('a'));
    await world.work(() => newestIs('failed'));
    assert.deepEqual(startedWith(), ['3000', '8080']);
    const { failure } = await world.newest('a');
    assert.match(failure?.what ?? '', /did not answer on port 8080/);
    assert.match(failure?.why ?? '', /GET \/ for project-1-a\.kosuke\.localhost was status 502/);
  });

  test('is found although what listens cannot be read, by asking the exposed ports', async () => {
    world.build.ports = [80, 443];
    appListensOn(80);
    world.engine.ports = null;
    world.engine.answers.set(3000, { kind: 'refused' }).set(443, { kind: 'refused' });
    await world.push('a', sha('a'));
    await world.work(() => isLive(sha('a')));
    assert.deepEqual(startedWith(), ['3000', '80']);
  });

  test('that came up before on its port is not moved when it wakes', async () => {
    appListensOn(3000);
    await world.push('a', sha('a'));
    await world.work(() => isLive(sha('a')));
    const { id } = await world.newest('a');
    appListensOn(9999);
    world.engine.exit(id, 1);
    await world.store.previews.kick((await world.preview('a')).id, { look: false }, world.clock.now());
    await world.work(async () => (await world.preview('a')).crashCount > 1);
    assert.deepEqual([...new Set(startedWith())], ['3000']);
  });
});

describe('an image that must be process 1', () => {
  const withInit = () => world.engine.specs.map(({ init }) => init);

  test('by its entrypoint is started without the init of the engine', async () => {
    world.build.command = ['/init', 'nginx'];
    await world.push('a', sha('a'));
    await world.work(() => isLive(sha('a')));
    assert.deepEqual(withInit(), [false]);
    assert.match(await logOf(), /process 1/);
  });

  test('and says so when it ends is started once more without it; the next version begins so', async () => {
    world.engine.tail = 's6-overlay-suexec: fatal: can only run as pid 1\n';
    world.engine.started = (id) => {
      if (world.engine.specs.at(-1)?.init) world.engine.exit(id, 100);
    };
    await world.push('a', sha('a'));
    await world.work(() => isLive(sha('a')));
    assert.deepEqual(withInit(), [true, false]);
    assert.equal((await world.newest('a')).notes[0]?.code, 'without-init');

    await world.push('a', sha('b'));
    await world.work(() => isLive(sha('b')));
    assert.deepEqual(withInit(), [true, false, false]);
  });

  test('and says so each time fails the second time: never a loop', async () => {
    world.engine.tail = 'fatal: can only run as pid 1\n';
    world.engine.started = (id) => world.engine.exit(id, 100);
    await world.push('a', sha('a'));
    await world.work(() => newestIs('failed'));
    assert.deepEqual(withInit(), [true, false]);
    assert.equal((await world.newest('a')).failure?.code, 'exited');
  });
});

test('a program that asks for a capability that no container has is named, with the capability', async () => {
  world.engine.tail = '[FATAL tini (7)] exec /bin/vault failed: Operation not permitted\n';
  world.engine.capabilities.set('/bin/vault', ['NET_BIND_SERVICE', 'IPC_LOCK']);
  world.engine.started = (id) => world.engine.exit(id, 126);
  await world.push('a', sha('a'));
  await world.work(() => newestIs('failed'));
  const { failure } = await world.newest('a');
  assert.match(failure?.why ?? '', /\/bin\/vault asks for the capability IPC_LOCK,/);
  assert.match(failure?.next ?? '', /setcap -r \/bin\/vault/);
});

test('an app on IPv6 only is told so', async () => {
  world.engine.ports = [{ port: 3000, loopbackOnly: false }];
  world.engine.answers.set(3000, { kind: 'refused' });
  world.engine.started = (id) => world.edge.status.set(id, 502);
  await world.push('a', sha('a'));
  await world.work(() => newestIs('failed'));
  const { failure } = await world.newest('a');
  assert.match(`${failure?.why} ${failure?.next}`, /IPv6 only.*0\.0\.0\.0:3000/);
});

test('an app that will never be reached on its port is told so long before its time is over', async () => {
  const patient = await fakeReconciler({ healthTimeoutMs: 400_000 });
  try {
    await patient.sighted();
    patient.engine.ports = [{ port: 3000, loopbackOnly: true }];
    patient.engine.started = (id) => patient.edge.status.set(id, 502);
    const began = patient.clock.now().getTime();
    await patient.push('a', sha('a'));
    await patient.work(async () => (await patient.store.deployments.ofPreview((await patient.preview('a')).id))[0]?.state === 'failed');
    assert.match((await patient.newest('a')).failure?.why ?? '', /127\.0\.0\.1:3000 only/);
    assert.ok(patient.clock.now().getTime() - began < 200_000);
  } finally {
    await patient.close();
  }
});

test('what the engine is too old for is built again when the engine has another version, and not before', async () => {
  world.engine.version = '20.10.24';
  world.build.run = () => {
    if (world.engine.version !== '20.10.24') return Promise.resolve();
    return Promise.reject(new KosukeError({ code: 'engine-too-old', fault: 'us', what: 'x', why: '', next: '', engineVersion: '20.10.24' }));
  };
  await world.push('a', sha('a'));
  await world.work(() => newestIs('error'));
  assert.equal((await world.newest('a')).retryAt, null);
  world.clock.offsetMs += 86_400_000;
  await world.work();
  assert.equal(world.build.ran.length, 1);
  world.engine.version = '28.5.2';
  await world.store.previews.kickAll({ look: false, takeUp: true }, world.clock.now());
  await world.work(() => isLive(sha('a')));
  assert.equal(world.build.ran.length, 2);
});
