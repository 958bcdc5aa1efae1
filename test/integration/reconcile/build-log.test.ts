import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { BuildRequest } from '../../../src/reconcile/ports/image-builder.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

let world: Awaited<ReturnType<typeof fakeReconciler>>;
const untilQueued = () => world.work(async () => (await world.store.previews.all()).some(({ state }) => state === 'queued'));

beforeEach(async () => {
  world = await fakeReconciler({ buildTimeoutMs: 1_234 });
  await world.sighted();
});
afterEach(() => world.close());

describe('a build', () => {
  test('stores its log while it runs, line by line, each with its step and time', async () => {
    const { promise: goOn, resolve: finish } = Promise.withResolvers<void>();
    world.build.run = () => goOn;
    const begun = world.clock.now();
    await world.push('a', sha('a'));
    await untilQueued();
    const building = world.workers.builds.claim().then((piece) => piece!());
    const { id } = await world.newest('a');
    const lines = await eventually('the step is stored', async () => {
      const stored = await world.store.deployments.log(id);
      return stored.some(({ stream }) => stream === 'step') && stored;
    });
    assert.deepEqual(
      lines.map(({ step, stream, text }) => [step, stream, text.replace(/\d+\.\d s/, '… s')]),
      [
        [null, 'note', 'Fetching acme/shop at aaaaaaa'],
        [null, 'note', 'Fetched in … s'],
        ['[1/1] FROM busybox', 'step', 'FROM busybox'],
      ],
    );
    assert.equal((await world.newest('a')).state, 'building');
    const times = [begun, ...lines.map(({ at }) => at), world.clock.now()].map((at) => at.getTime());
    assert.deepEqual(times, times.toSorted((a, b) => a - b));

    finish();
    await building;
    assert.equal((await world.store.deployments.log(id)).at(-1)?.text, 'Image ready, the app is expected on port 3000');
  });

  test('has as long as BUILD_TIMEOUT says, and then has failed by the repository, with the reason in its log', async () => {
    const failure = { code: 'build-timeout', fault: 'app', what: 'The build took longer than 1.2 seconds', why: 'that is the limit', next: 'Make it quicker.' } as const;
    const asked: BuildRequest[] = [];
    world.deps.builder.build = (request) => {
      asked.push(request);
      return Promise.reject(new KosukeError(failure));
    };
    await world.push('a', sha('a'));
    await world.work();
    assert.deepEqual(asked.map(({ timeoutMs }) => timeoutMs), [1_234]);
    const deployment = await world.newest('a');
    assert.deepEqual([deployment.state, deployment.failure?.code, deployment.image], ['failed', 'build-timeout', null]);
    assert.equal((await world.preview('a')).state, 'failed');
    assert.equal((await world.store.deployments.log(deployment.id)).at(-1)?.text, 'The build took longer than 1.2 seconds: that is the limit');
  });
});
