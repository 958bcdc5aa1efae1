import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { mostAttempts, setAsideWaitMs } from '../../../src/domain/set-aside.ts';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { createOperations } from '../../../src/serve/operations.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;
const name = { kind: 'host', hostLabel: 'project-1-a' } as const;
const operations = () => createOperations(world.deps, () => sweep(world.deps, AbortSignal.timeout(5_000)), 0);

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
  world.github.heads.set('a', sha('a'));
  world.openPull(1, 'a');
});
afterEach(() => world.close());

const no = (what: string) => new KosukeError({ code: 'engine', fault: 'us', what: `The Docker Engine failed while ${what}`, why: 'it says no', next: '' });
const nextAttempt = async () => {
  world.clock.offsetMs += 16 * 60_000;
  await world.work();
};
let tried = 0;

/** The container of `a` can never be removed. */
async function stuck(): Promise<void> {
  await world.push('a', sha('a'));
  await world.work();
  tried = 0;
  world.engine.removeContainer = () => {
    tried += 1;
    return Promise.reject(no('removing a container'));
  };
  world.github.heads.delete('a');
  await world.closePull(1, 'a');
  for (let n = 0; n < mostAttempts + 1 && (await world.preview('a')).setAside === null; n += 1) await nextAttempt();
}

describe('a preview of which the same step fails each time', () => {
  test('is set aside with its reason, tried once an hour, and keeps nobody else from anything', async () => {
    await stuck();
    const { setAside } = await world.preview('a');
    assert.equal(setAside?.reason, 'The Docker Engine failed while removing a container: it says no.');
    const before = tried;
    await nextAttempt();
    await nextAttempt();
    assert.equal(tried, before, 'half an hour later it is not tried');
    world.clock.offsetMs += setAsideWaitMs;
    await world.work();
    assert.equal(tried, before + 1);
    await world.push('b', sha('b'));
    await world.work();
    assert.equal((await world.preview('b')).state, 'running');
  });

  test('is not tried by a sweep before its time', async () => {
    world.edge.writeHold = () => {
      tried += 1;
      return Promise.reject(no('holding the host'));
    };
    await world.push('a', sha('a'));
    for (let n = 0; n < mostAttempts + 1 && (await world.preview('a')).setAside === null; n += 1) await nextAttempt();
    assert.match((await world.preview('a')).setAside?.reason ?? '', /holding the host/);
    const before = tried;
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.equal(tried, before);
  });

  test('stands in the list and in the figures', async () => {
    await stuck();
    const listed = await operations().list({ all: true });
    assert.ok(listed.ok && listed.value[0]?.setAside?.includes('it says no'));
    assert.deepEqual(await world.store.figures.setAside(), { deliveries: 0, previews: 1, deployments: 0, reports: 0 });
  });

  test('is taken up again by a push, and is set aside no more when that works', async () => {
    await stuck();
    world.engine.removeContainer = (id) => Promise.resolve(void (world.engine.containers = world.engine.containers.filter((c) => c.id !== id)));
    world.openPull(2, 'a', { headSha: sha('c') });
    await world.push('a', sha('c'));
    await world.work();
    assert.deepEqual([(await world.preview('a')).state, (await world.preview('a')).setAside], ['running', null]);
  });

  test('is a version whose build ends the program each time: built again at once, then less and less often', async () => {
    const { store, clock } = world;
    const dies = async () => {
      const job = await store.deployments.claimBuild('dead', clock.now(), 1_000);
      clock.offsetMs += 1_500;
      return job;
    };
    await world.push('a', sha('a'));
    const preview = async () => (await store.previews.all())[0];
    await world.work(async () => (await store.deployments.ofPreview((await preview())?.id ?? 0)).length > 0);
    const waits = async () => {
      assert.deepEqual([(await dies())?.deaths, (await dies())?.deaths], [0, 1]);
      await world.work();
      const [deployment] = await store.deployments.ofPreview((await world.preview('a')).id);
      assert.deepEqual([deployment?.state, deployment?.failure?.why], ['error', 'each time the program ended, or lost its database, meanwhile']);
      assert.equal(await dies(), null, 'it is not begun before its time');
      return deployment!.retryAt!.getTime() - clock.now().getTime();
    };
    const first = await waits();
    clock.offsetMs += first;
    await world.work(async () => (await store.deployments.ofPreview((await preview())!.id))[0]?.state === 'queued');
    assert.ok((await waits()) > first);
    clock.offsetMs += 60_000;
    await world.work();
    assert.equal((await world.preview('a')).state, 'running');
  });

  test('is not set aside while the engine does not answer at all', async () => {
    world.engine.ping = () => Promise.reject(no('asking for its version'));
    await stuck();
    assert.equal((await world.preview('a')).setAside, null);
  });
});

describe('a version that ends in an error of ours each time', () => {
  test('is tried once an hour after a few growing waits, its pull request says so, and redeploy takes it up at once', async () => {
    world.build.run = () => Promise.reject(no('building'));
    await world.push('a', sha('a'));
    for (let n = 0; n < mostAttempts + 1; n += 1) await nextAttempt();
    assert.equal((await world.newest('a')).attempts, mostAttempts);
    const [comment] = await world.store.reports.wishedComments((await world.preview('a')).id);
    assert.match(comment!.body, /It was tried 8 times and is set aside: now it is tried once an hour, and `npx kosuke-preview redeploy project-1-a` tries it at once/);
    const builds = world.build.ran.length;
    await nextAttempt();
    assert.equal(world.build.ran.length, builds);

    world.build.run = () => Promise.resolve();
    assert.ok((await operations().redeploy({ preview: name })).ok);
    await world.work();
    assert.equal((await world.preview('a')).state, 'running');
    assert.deepEqual(await world.store.figures.setAside(), { deliveries: 0, previews: 0, deployments: 0, reports: 0 });
  });
});
