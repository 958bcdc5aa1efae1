import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fakeReconciler, nameOf, repository, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
});
afterEach(() => world.close());

const live = async (branch: string, commit: string) => {
  const preview = await world.preview(branch);
  const newest = await world.newest(branch);
  return preview.state === 'running' && preview.liveDeploymentId === newest.id && newest.sha === commit;
};

describe('from a push to a running preview', () => {
  test('holds the host before anything starts, and releases it when the app is ready', async () => {
    await world.push('feature/a', sha('a'));
    await world.work();
    assert.ok(await live('feature/a', sha('a')));
    const { id } = await world.newest('feature/a');
    assert.deepEqual(world.engine.did, [
      'network kosuke-preview-project-1-feature-a',
      `create kosuke-preview-project-1-feature-a-${id}`,
      `start kosuke-preview-project-1-feature-a-${id}`,
    ]);
    assert.deepEqual(world.edge.did, [`hold ${id} on gate`, `release ${id}`]);
    const answer = await world.answers('feature/a');
    assert.partialDeepStrictEqual(answer, { kind: 'answer', status: 200, deploymentId: id, holdId: null, gateState: null });
  });

  test('a second sweep of everything changes nothing and writes nothing', async () => {
    await world.push('a', sha('a'));
    await world.work();
    const before = { did: [...world.engine.did], edge: [...world.edge.did], row: await world.preview('a'), deployments: await world.store.deployments.ofPreview(1) };
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    assert.equal(world.github.looks, 1);
    await world.work();
    assert.equal(world.github.looks, 2);
    assert.deepEqual({ did: world.engine.did, edge: world.edge.did, row: await world.preview('a'), deployments: await world.store.deployments.ofPreview(1) }, before);
  });

  test('passes that only follow the engine ask GitHub nothing', async () => {
    await world.push('a', sha('a'));
    await world.work();
    assert.equal(world.github.looks, 1);
  });

  test('tells the container where it is', async () => {
    await world.push('feature/a', sha('a'));
    world.openPull(12, 'feature/a');
    await world.work();
    assert.deepEqual(world.engine.specs[0]!.env, {
      PORT: '3000',
      PREVIEW_URL: 'http://project-1-feature-a.kosuke.localhost',
      PREVIEW_HOST: 'project-1-feature-a.kosuke.localhost',
      PREVIEW_BRANCH: 'feature/a',
      PREVIEW_COMMIT: sha('a'),
      PREVIEW_PULL_REQUEST: '12',
    });
  });

  test('the only port an image exposes is the port of the app', async () => {
    world.build.ports = [8080];
    await world.push('a', sha('a'));
    await world.work();
    assert.equal((await world.newest('a')).port, 8080);
  });
});

describe('a push to what runs', () => {
  beforeEach(async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.engine.did.length = 0;
    world.edge.did.length = 0;
  });

  test('holds the host on the old version until the new one is ready, then the old one goes after it has drained', async () => {
    const old = await world.newest('a');
    await world.push('a', sha('b'));
    await world.work(async () => (await world.preview('a')).liveDeploymentId !== old.id);
    const { id } = await world.newest('a');
    assert.deepEqual(world.engine.containers.map((c) => c.deploymentId), [old.id, id], 'it may finish what it is answering');
    await world.work();
    assert.deepEqual(world.edge.did, [`hold ${id} on ${old.id}`, `release ${id}`]);
    world.clock.offsetMs += 6_000;
    await world.work();
    assert.deepEqual(world.engine.containers.map((c) => c.deploymentId), [id]);
    assert.equal(world.engine.images.size, 1);
  });

  test('that does not build leaves the old version as it is', async () => {
    const old = await world.newest('a');
    world.build.dockerfile = null;
    await world.push('a', sha('b'));
    await world.work();
    const newest = await world.newest('a');
    assert.equal(newest.state, 'failed');
    assert.equal(newest.failure?.code, 'no-dockerfile');
    assert.equal((await world.preview('a')).state, 'running');
    assert.deepEqual(world.edge.did, [`hold ${newest.id} on ${old.id}`, `release ${newest.id}`], 'no visitor was led elsewhere');
    assert.deepEqual(world.engine.containers.map((c) => c.deploymentId), [old.id]);
  });

  test('that exits at once is removed, and the host never left the old version', async () => {
    const old = await world.newest('a');
    world.engine.started = (id) => world.engine.exit(id, 3);
    await world.push('a', sha('b'));
    await world.work();
    const newest = await world.newest('a');
    assert.deepEqual([newest.state, newest.failure?.code, newest.exitCode, newest.failure?.logTail], ['failed', 'exited', 3, 'last words']);
    assert.deepEqual(world.edge.did, [`hold ${newest.id} on ${old.id}`, `release ${newest.id}`]);
    assert.deepEqual(world.engine.containers.map((c) => c.deploymentId), [old.id]);
    assert.ok(!world.engine.images.has(nameOf(world.deps, sha('b'))));
  });

  test('that listens on several other ports fails, and names them', async () => {
    world.engine.ports = [{ port: 8080, loopbackOnly: false }, { port: 9090, loopbackOnly: false }];
    world.edge.status.set((await world.newest('a')).id + 1, 502);
    await world.push('a', sha('b'));
    await world.work(async () => (await world.newest('a')).state === 'failed');
    const { failure } = await world.newest('a');
    assert.equal(failure?.code, 'wrong-port');
    assert.match(failure.why, /8080 and 9090/);
    assert.equal((await world.preview('a')).state, 'running');
  });

  test('is not switched to when the public host does not follow: the hold goes back, an error of ours', async () => {
    const old = await world.newest('a');
    world.edge.releases = false;
    await world.push('a', sha('b'));
    await world.work(async () => (await world.newest('a')).state === 'error');
    const newest = await world.newest('a');
    assert.equal(newest.failure?.code, 'edge');
    assert.deepEqual(world.edge.did.slice(0, 3), [`hold ${newest.id} on ${old.id}`, `release ${newest.id}`, `hold ${newest.id} on ${old.id}`]);
    assert.equal((await world.preview('a')).liveDeploymentId, old.id);
  });

  test('starts nothing when the edge does not take up the hold, and is tried again', async () => {
    world.edge.takesHolds = false;
    await world.push('a', sha('b'));
    await world.work(async () => (await world.newest('a')).state === 'error');
    assert.deepEqual(world.engine.did, []);
    assert.equal(world.edge.files.size, 0);
    world.edge.takesHolds = true;
    world.clock.offsetMs += 5_000;
    await world.work();
    assert.ok(await live('a', sha('b')));
  });
});

describe('newest wins', () => {
  test('a newer push stops the running build of the older one', async () => {
    let building = () => {};
    const begun = new Promise<void>((resolve) => {
      building = resolve;
    });
    world.build.run = (commit, signal) => {
      if (commit !== sha('a')) return Promise.resolve();
      building();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    await world.push('a', sha('a'));
    await world.work(async () => (await world.store.previews.all()).some((p) => p.state === 'queued'));
    const older = world.workers.builds.claim().then((piece) => piece!());
    await begun;
    await world.push('a', sha('b'));
    await world.work();
    await older;
    assert.ok(await live('a', sha('b')));
    assert.deepEqual((await world.store.deployments.ofPreview(1)).map((d) => d.state), ['live', 'cancelled']);
  });

  test('closing during a build brings nothing back', async () => {
    let finish = () => {};
    world.build.run = () => new Promise((resolve) => {
      finish = () => resolve();
    });
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await world.work(async () => (await world.store.previews.all()).some((p) => p.state === 'queued'));
    const build = world.workers.builds.claim().then((piece) => piece!());
    await world.work(() => world.build.ran.length === 1);
    await world.closePull(1, 'a');
    await world.work();
    finish();
    await build;
    await world.work();
    assert.equal((await world.preview('a')).state, 'removed');
    assert.deepEqual([world.engine.containers, [...world.engine.networks]], [[], []]);
    assert.equal((await world.newest('a')).state, 'cancelled');
  });
});

describe('closing', () => {
  test('takes container, network, image and hold away, the host going to the gate first', async () => {
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await world.work();
    const { id } = await world.newest('a');
    world.edge.did.length = 0;
    await world.closePull(1, 'a');
    await world.work();
    assert.deepEqual(world.edge.did, [`hold ${id} on gate`, `release ${id}`]);
    assert.deepEqual([world.engine.containers, [...world.engine.networks], [...world.engine.images], [...world.edge.files]], [[], [], [], []]);
    assert.equal((await world.preview('a')).state, 'removed');
  });

  test('keeps an image that another branch runs', async () => {
    await world.push('a', sha('a'));
    await world.push('b', sha('a'));
    await world.work();
    assert.deepEqual(world.build.ran, [sha('a')]);
    world.github.heads.delete('a');
    await world.intent.branchChanged({ repository, branch: 'a' });
    await world.work();
    assert.equal(world.engine.images.size, 1);
    world.github.heads.delete('b');
    await world.intent.branchChanged({ repository, branch: 'b' });
    await world.work();
    assert.equal(world.engine.images.size, 0);
  });

  test('goes on when Traefik is away: nobody could see the gate', async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.edge.up = false;
    world.github.heads.delete('a');
    await world.intent.branchChanged({ repository, branch: 'a' });
    await world.work(() => world.engine.containers.length === 0);
    await world.work();
    assert.equal((await world.preview('a')).state, 'removed');
  });
});
