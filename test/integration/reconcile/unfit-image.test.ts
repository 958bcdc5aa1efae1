import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

let world: Awaited<ReturnType<typeof fakeReconciler>>;
beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
});
afterEach(() => world.close());

const ports = (count: number) => Array.from({ length: count }, (_, at) => 1_000 + at);

async function failureOfPush() {
  await world.push('a', sha('a'));
  await world.work();
  const { state, failure, image } = await world.newest('a');
  assert.deepEqual([state, image], ['failed', null]);
  assert.equal(world.engine.images.size, 0);
  return failure!;
}

test('an image that exposes more than 32 ports fails the build, and does not stay', async () => {
  world.build.ports = ports(33);
  const failure = await failureOfPush();
  assert.deepEqual([failure.code, failure.fault, failure.what], ['too-many-ports', 'app', 'The image exposes 33 ports']);
  assert.match(failure.next, /EXPOSE/);
});

test('an image that exposes 32 ports is taken', async () => {
  world.build.ports = ports(32);
  await world.push('a', sha('a'));
  await world.work();
  assert.equal((await world.newest('a')).state, 'live');
});

test('an image with a reserved label fails the build, named in short, and does not stay', async () => {
  const label = `com.docker.compose.${'x'.repeat(5_000)}`;
  world.build.labels = { [label]: 'x' };
  const failure = await failureOfPush();
  assert.deepEqual([failure.code, failure.fault, failure.what], ['reserved-labels', 'app', `The image carries the label ${label.slice(0, 200)}`]);
  assert.ok(failure.next.length < 300);
});

test('an image that was there before is looked at in the same way', async () => {
  world.build.run = () => Promise.reject(new Error('nothing is to be built'));
  await world.push('a', sha('a'));
  const image = world.deps.engine.image.bind(world.deps.engine);
  world.deps.engine.image = async (name, signal) => {
    world.engine.images.set(name, { id: 'sha256:old', labels: {}, exposedPorts: [], command: [], exposedCount: 65_535 });
    return image(name, signal);
  };
  await world.work();
  assert.deepEqual([(await world.newest('a')).failure?.code, world.build.ran, world.engine.images.size], ['too-many-ports', [], 0]);
});
