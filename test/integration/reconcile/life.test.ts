import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createOperations } from '../../../src/serve/operations.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { keepsRoomMs } from '../../../src/domain/room.ts';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { fakeReconciler, repository, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;
const name = { kind: 'host', hostLabel: 'project-1-a' } as const;
const operations = () => createOperations(world.deps, () => sweep(world.deps, AbortSignal.timeout(5_000)), 0);

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
});
afterEach(() => world.close());

const runningA = async () => {
  await world.push('a', sha('a'));
  await world.work();
  const { id } = await world.newest('a');
  world.engine.did.length = 0;
  world.edge.did.length = 0;
  return id;
};
const state = async () => (await world.preview('a')).state;
const kick = async () => world.store.previews.kick((await world.preview('a')).id, { look: false }, world.clock.now());

describe('sleep and wake', () => {
  test('sleeping stops the container behind the gate; waking is a start behind a hold', async () => {
    const id = await runningA();
    assert.ok((await operations().sleep({ preview: name })).ok);
    await world.work();
    assert.equal(await state(), 'asleep');
    assert.deepEqual(world.engine.did, [`stop kosuke-preview-project-1-a-${id}`]);
    assert.deepEqual(world.edge.did, [`hold ${id} on gate`, `release ${id}`]);

    assert.ok((await operations().wake({ preview: name })).ok);
    await world.work();
    assert.equal(await state(), 'running');
    assert.deepEqual(world.engine.did.slice(1), [`start kosuke-preview-project-1-a-${id}`]);
    assert.deepEqual(world.edge.did.slice(2), [`hold ${id} on gate`, `release ${id}`]);
  });

  test('a container whose network is gone is replaced when it wakes; when the new one has none either, that is an error of ours, tried again later', async () => {
    const id = await runningA();
    await operations().sleep({ preview: name });
    await world.work();
    let refused = 0;
    world.engine.before = (what) => {
      if (!what.startsWith('start ') || refused === 2) return;
      refused += 1;
      throw new KosukeError({ code: 'network-gone', fault: 'us', what: 'The network of the preview is not there any more', why: '', next: '' });
    };
    await operations().wake({ preview: name });
    await world.work(async () => (await world.store.deployments.byId(id))?.state === 'error');
    assert.equal((await world.store.deployments.byId(id))?.failure?.code, 'network-gone');
    assert.equal(world.engine.specs.length, 2);
    world.clock.offsetMs += 10_000;
    await world.work();
    assert.equal(await state(), 'running');
    assert.deepEqual(world.engine.containers.map(({ deploymentId, status }) => [deploymentId, status]), [[id, 'running']]);
  });

  test('a push wakes it', async () => {
    await runningA();
    await operations().sleep({ preview: name });
    await world.work();
    await world.push('a', sha('b'));
    await world.work();
    assert.equal(await state(), 'running');
    assert.equal((await world.newest('a')).sha, sha('b'));
  });
});

describe('other commands', () => {
  test('remove keeps it away until the head changes', async () => {
    await runningA();
    await operations().remove({ preview: name });
    await world.work();
    assert.equal(await state(), 'removed');
    assert.deepEqual([world.engine.containers, [...world.engine.networks], [...world.engine.images]], [[], [], []]);
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    await world.work();
    assert.equal(await state(), 'removed');
    await world.push('a', sha('b'));
    await world.work();
    assert.equal(await state(), 'running');
  });

  test('redeploy builds the same commit again, without cache, while the old one serves', async () => {
    const old = await runningA();
    await operations().redeploy({ preview: name });
    await world.work();
    const newest = await world.newest('a');
    assert.deepEqual([newest.sha, newest.noCache, world.build.ran.length], [sha('a'), true, 2]);
    assert.notEqual(newest.id, old);
    assert.equal((await world.preview('a')).liveDeploymentId, newest.id);
    await world.push('a', sha('b'));
    await world.work();
    assert.equal((await world.newest('a')).noCache, false);
  });

  test('redeploy brings back what a person removed', async () => {
    await runningA();
    await operations().remove({ preview: name });
    await world.work();
    await operations().redeploy({ preview: name });
    await world.work();
    assert.equal(await state(), 'running');
  });

  test('say why they cannot do what is asked', async () => {
    const answer = await operations().wake({ preview: { kind: 'host', hostLabel: 'project-9-x' } });
    assert.deepEqual(answer, { ok: false, problem: 'There is no such preview. `npx kosuke-preview list --all` shows those there are.' });
    await runningA();
    world.github.heads.delete('a');
    await world.intent.branchChanged({ repository, branch: 'a' });
    await world.work();
    const redeploy = await operations().redeploy({ preview: name });
    assert.match(redeploy.ok ? '' : redeploy.problem, /There is nothing to deploy\. The branch was deleted/);
  });
});

describe('an app that crashes', () => {
  test('is restarted behind a hold at once, after 10 s, after 60 s, and then left to a person', async () => {
    const id = await runningA();
    for (const [index, waitMs] of [0, 10_000, 60_000].entries()) {
      world.engine.exit(id, 1);
      await kick();
      await world.work(async () => (await world.preview('a')).crashCount === index + 1);
      if (waitMs > 0) {
        await world.work();
        assert.equal(await state(), 'waking');
        assert.equal(world.engine.containers[0]!.status, 'exited');
        world.clock.offsetMs += waitMs;
      }
      await world.work(async () => (await state()) === 'running');
    }
    world.engine.exit(id, 7);
    await kick();
    await world.work();
    world.clock.offsetMs += 600_000;
    await world.work();
    assert.equal(await state(), 'crashed');
    assert.deepEqual([(await world.newest('a')).exitCode, (await world.newest('a')).failure?.code], [7, 'crashed']);
    await operations().wake({ preview: name });
    await world.work();
    assert.equal(await state(), 'running');
  });

  test('as the old version while a new one starts: the host goes to the gate, and to the new one when it is ready', async () => {
    const old = await runningA();
    const next = old + 1;
    world.edge.status.set(next, 502);
    await world.push('a', sha('b'));
    await world.work(async () => (await world.newest('a')).state === 'starting');
    const { id } = await world.newest('a');
    assert.equal(id, next);
    world.engine.exit(old, 1);
    await kick();
    await world.work(() => world.edge.files.get(id)?.to === 'gate');
    assert.ok(world.engine.did.filter((what) => what.startsWith('start')).length === 1);
    world.edge.status.set(id, 200);
    await world.work(async () => (await world.preview('a')).liveDeploymentId === id);
  });

  test('a container that is removed by hand comes back', async () => {
    await runningA();
    world.engine.containers = [];
    await kick();
    await world.work();
    assert.equal(await state(), 'running');
    assert.equal(world.engine.containers.length, 1);
  });

  test('an image that vanished with its container is built again', async () => {
    await runningA();
    world.engine.containers = [];
    world.engine.images.clear();
    await kick();
    await world.work();
    assert.equal(await state(), 'running');
    assert.equal(world.build.ran.length, 2);
  });

  test('an image that vanishes each time is built again at once only the first time, then with growing waits, and runs when it stays', async () => {
    await runningA();
    const create = world.engine.createContainer;
    world.engine.createContainer = (spec, signal) => {
      world.engine.images.clear();
      return create(spec, signal);
    };
    world.engine.containers = [];
    await kick();
    await world.work();
    const broken = await world.newest('a');
    assert.deepEqual([broken.state, broken.failure?.code, broken.image, broken.attempts, world.build.ran.length], ['error', 'image-gone', null, 2, 2]);
    for (let tries = 0; tries < 3; tries += 1) {
      world.clock.offsetMs += (await world.newest('a')).retryAt!.getTime() - world.clock.now().getTime();
      await world.work(async () => (await world.newest('a')).attempts === 3 + tries && (await world.newest('a')).state === 'error');
    }
    assert.equal(world.build.ran.length, 5);
    assert.ok((await world.newest('a')).retryAt!.getTime() - world.clock.now().getTime() > 600_000);
    world.engine.createContainer = create;
    world.clock.offsetMs += 900_000;
    await world.work();
    assert.deepEqual([await state(), (await world.newest('a')).attempts], ['running', 0]);
  });
});

describe('the fence', () => {
  test('a worker that lost its lease while creating undoes its own container when the deployment is over, and starts nothing', async () => {
    world.engine.before = async (what) => {
      if (!what.startsWith('create')) return;
      world.engine.before = () => undefined;
      world.clock.offsetMs += 61_000;
      const taken = await world.store.previews.claim('another', world.clock.now(), 60_000);
      assert.ok(taken, 'another worker takes the preview over');
      await world.store.deployments.update(taken.lease, (await world.newest('a')).id, { state: 'cancelled', endedAt: world.clock.now() });
    };
    await world.push('a', sha('a'));
    await world.work(() => world.engine.did.some((what) => what.startsWith('remove ')));
    assert.deepEqual(world.engine.did.map((what) => what.split(' ')[0]), ['network', 'create', 'remove']);
    assert.deepEqual(world.engine.containers, []);
  });

  test('a container that another worker may have taken up meanwhile is left to it', async () => {
    world.engine.before = async (what) => {
      if (!what.startsWith('create')) return;
      world.engine.before = () => undefined;
      world.clock.offsetMs += 61_000;
      assert.ok(await world.store.previews.claim('another', world.clock.now(), 60_000));
    };
    await world.push('a', sha('a'));
    await world.work(() => world.engine.containers.length > 0);
    await world.work();
    assert.deepEqual(world.engine.did.map((what) => what.split(' ')[0]), ['network', 'create']);
    world.clock.offsetMs += 61_000;
    await world.work();
    assert.deepEqual(world.engine.did.map((what) => what.split(' ')[0]), ['network', 'create', 'start']);
    assert.equal(await state(), 'running');
  });

  test('an answer about the lease that comes late is not believed: whoever has it now is left alone', async () => {
    const { previews } = world.store;
    const { holds } = previews;
    previews.holds = async (lease) => {
      const held = await holds(lease);
      previews.holds = holds;
      world.clock.offsetMs += 61_000;
      assert.ok(await previews.claim('another', world.clock.now(), 60_000));
      return held;
    };
    await world.push('a', sha('a'));
    await world.work(() => previews.holds === holds);
    await world.work();
    assert.deepEqual([world.engine.did, await world.store.deployments.ofPreview((await world.preview('a')).id)], [[], []]);
  });

  test('a pass that cannot give its preview back while the database is away does so when it is there again', async () => {
    const { release } = world.store.previews;
    let refused = 0;
    world.store.previews.release = () => {
      refused += 1;
      if (refused > 3) world.store.previews.release = release;
      return Promise.reject(new Error('the database is away'));
    };
    await world.push('a', sha('a'));
    const began = world.clock.now().getTime();
    await world.work(async () => (await state()) === 'running');
    assert.equal(refused, 4);
    assert.ok(world.clock.now().getTime() - began < 40_000, 'the lease ran out');
  });

  test('what GitHub does not say clearly changes nothing', async () => {
    const id = await runningA();
    const { KosukeError } = await import('../../../src/domain/errors.ts');
    world.github.trouble = new KosukeError({ code: 'github', fault: 'us', what: 'GitHub did not answer', why: 'status 502', next: '' });
    world.github.heads.clear();
    await world.intent.branchChanged({ repository, branch: 'a' });
    await world.work();
    assert.deepEqual(world.engine.did, []);
    assert.equal((await world.preview('a')).liveDeploymentId, id);
    world.github.trouble = null;
    world.clock.offsetMs += 5_000;
    await world.work();
    assert.equal(await state(), 'removed');
  });
});

describe('who gets a preview', () => {
  test('a fork gets none, and its pull request is its own preview', async () => {
    world.openPull(7, 'a', { fork: true, headSha: sha('f') });
    await world.intent.pullChanged({ repository, pull: { number: 7, headBranch: 'a', headSha: sha('a'), fork: true }, action: 'opened', reopened: false });
    await world.work();
    const [preview] = await world.store.previews.all();
    assert.deepEqual([preview?.hostLabel, preview?.state, preview?.wanted.reason], ['project-1-pr-7', 'refused', 'fork']);
    assert.deepEqual(world.engine.did, []);
    const comment = await world.store.reports.claimComment(world.clock.now(), 1000);
    assert.match(comment!.body, /Forks are not run in this version\. A maintainer can push the commit to a branch/);
  });

  test('an account that is not allowed gets nothing, not even a comment', async () => {
    await world.close();
    world = await fakeReconciler({ allowedAccounts: new Set(['someone-else']) });
    await world.push('a', sha('a'));
    await world.work();
    assert.deepEqual(await world.store.previews.all(), []);
    assert.deepEqual(await world.store.projects.all(), []);
  });

  test('first sight deploys recent pull requests while there is room, and leaves the others until their head changes', async () => {
    await world.close();
    world = await fakeReconciler({ maxPreviews: 1 });
    for (const [number, branch, daysAgo] of [[3, 'new', 0], [2, 'recent', 1], [1, 'old', 30]] as const) {
      world.github.heads.set(branch, sha(String(number)));
      world.openPull(number, branch, { updatedAt: new Date(world.clock.now().getTime() - daysAgo * 86_400_000) });
    }
    world.github.heads.set('main', sha('0'));
    await world.intent.branchChanged({ repository, branch: 'main' });
    assert.deepEqual(await world.store.previews.all(), [], 'a branch event of an unknown repository shows nothing yet');
    await world.intent.pullChanged({ repository, pull: { number: 3, headBranch: 'new', headSha: sha('a'), fork: false }, action: 'labeled', reopened: false });
    await world.work();
    const states = Object.fromEntries((await world.store.previews.all()).map((p) => [p.hostLabel, [p.state, p.wanted.reason]]));
    assert.deepEqual(states, {
      'project-1-new': ['running', 'pull-request'],
      'project-1-recent': ['removed', 'left-out'],
      'project-1-old': ['removed', 'left-out'],
    });
    world.clock.offsetMs += keepsRoomMs + 1_000;
    Object.assign(world.github.pulls[1]!, { headSha: sha('9') });
    await world.push('recent', sha('9'));
    await world.work();
    assert.equal((await world.preview('recent')).state, 'running');
  });

  test('two branches whose short host is the same get a host each, for good', async () => {
    await world.push('feature/a', sha('a'));
    await world.push('feature-a', sha('b'));
    await world.work();
    assert.equal((await world.preview('feature/a')).hostLabel, 'project-1-feature-a');
    assert.match((await world.preview('feature-a')).hostLabel, /^project-1-feature-a-[0-9a-f]{8}$/);
  });
});

describe('the sweep', () => {
  test('finds what webhooks did not tell: a push, a new pull request, a closed one', async () => {
    await runningA();
    world.github.heads.set('a', sha('c'));
    world.github.heads.set('b', sha('b'));
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.equal((await world.newest('a')).sha, sha('c'));
    assert.equal((await world.preview('b')).state, 'running');
    world.github.heads.delete('b');
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.equal((await world.preview('b')).state, 'removed');
  });

  test('finds at once what another installation of the App shows, when nobody told that the first one went and the other came', async () => {
    await runningA();
    world.github.truth = { installation: 'deleted', repository: null, headSha: null };
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    await world.work();
    assert.equal(await state(), 'removed');
    world.github.truth = {};
    const again = { ...repository, installationId: 6 };
    Object.assign(world.deps.codeHost, { installations: () => Promise.resolve([{ id: 6, account: 'acme', suspended: false }]), repositories: () => Promise.resolve([again]) });
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.equal(await state(), 'running');
  });

  test('removes what is ours and has no row, and leaves images that are not ours alone', async () => {
    await runningA();
    const image = [...world.engine.images.values()][0]!;
    world.engine.containers.push({ ...world.engine.containers[0]!, id: 'lost', name: 'kosuke-preview-lost', previewId: 99, deploymentId: 98 });
    world.engine.networks.set('kosuke-preview-lost', 99);
    world.engine.images.set(`kosuke-preview/1:${'0'.repeat(24)}-${'0'.repeat(16)}`, image);
    await sweep(world.deps, AbortSignal.timeout(5_000));
    assert.deepEqual(world.engine.did, ['remove kosuke-preview-lost', 'remove network kosuke-preview-lost']);
    assert.equal(world.engine.images.size, 2);
  });
});

describe('many that are gone at once', () => {
  test('are each read once more before they go, except for the first five; one that is there again stays', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `b${at}`);
    for (const branch of names) await world.push(branch, sha('a'));
    await world.work();
    world.github.heads.clear();
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    await world.work();
    const running = async () => (await world.store.previews.all()).filter((preview) => preview.state === 'running').map((preview) => preview.ref.kind === 'branch' && preview.ref.name);
    const left = await running();
    assert.equal(left.length, 3);
    world.github.heads.set(String(left[0]), sha('a'));
    world.clock.offsetMs += 10_000;
    await world.work(async () => (await running()).length === 1);
    await world.work();
    assert.deepEqual(await running(), [left[0]]);
  });
});
