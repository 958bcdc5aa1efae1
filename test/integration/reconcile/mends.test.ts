import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { fakeReconciler, repository, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
});
afterEach(() => world.close());

const broken = () => new KosukeError({ code: 'engine', fault: 'us', what: 'The engine did not answer', why: '', next: '' });
const silent = () => new KosukeError({ code: 'github', fault: 'us', what: 'GitHub did not answer', why: 'status 502', next: '' });
const pullEvent = (number: number, branch: string, action: string) =>
  world.intent.pullChanged({ repository, pull: { number, headBranch: branch, headSha: world.github.heads.get(branch) ?? '', fork: false }, action, reopened: action === 'reopened' });
const comment = async () => (await world.store.reports.claimComment(new Date(world.clock.now().getTime() + 60_000), 0))?.body ?? '';

describe('a switch', () => {
  test('whose rows could not be written is made again, and ends with one version', async () => {
    await world.push('a', sha('a'));
    await world.work();
    const goLive = world.store.deployments.goLive;
    let torn = false;
    world.deps.store.deployments.goLive = (...given) => {
      if (torn) return goLive(...given);
      torn = true;
      return Promise.reject(broken());
    };
    await world.push('a', sha('b'));
    await world.work();
    world.clock.offsetMs += 10_000;
    await world.work();
    const newest = await world.newest('a');
    assert.ok(torn);
    assert.equal((await world.preview('a')).liveDeploymentId, newest.id);
    assert.deepEqual(world.engine.containers.map((c) => c.deploymentId), [newest.id]);
  });

  test('back to the live commit, which crashed while a newer version was starting, is no error', async () => {
    await world.push('a', sha('a'));
    await world.work();
    const { id } = await world.newest('a');
    world.edge.status.set(id + 1, 502);
    await world.push('a', sha('b'));
    await world.work(async () => (await world.newest('a')).state === 'starting');
    world.engine.exit(id, 1);
    await world.push('a', sha('a'));
    await world.work(async () => (await world.preview('a')).state === 'running');
    assert.equal((await world.store.deployments.byId(id))?.state, 'live');
    assert.equal((await world.store.deployments.byId(id))?.attempts, 0);
  });
});

describe('what cannot be removed', () => {
  test('stays behind its hold, so that visitors never meet a version that failed', async () => {
    await world.push('a', sha('a'));
    await world.work();
    const old = (await world.newest('a')).id;
    world.edge.status.set(old + 1, 502);
    await world.push('a', sha('b'));
    world.engine.before = (what) => {
      if (what.startsWith('remove kosuke-preview-')) throw broken();
    };
    await world.work(async () => (await world.newest('a')).state === 'failed');
    await world.work();
    assert.partialDeepStrictEqual(await world.answers('a'), { kind: 'answer', status: 200, deploymentId: old, holdId: old + 1, gateState: null });
    world.engine.before = () => undefined;
    world.clock.offsetMs += 60_000;
    await world.work();
    assert.deepEqual(world.engine.containers.map((c) => c.deploymentId), [old]);
    assert.deepEqual([...world.edge.files], []);
  });

  test('is tried again with growing waits, not over and over', async () => {
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await world.work();
    let tries = 0;
    world.engine.before = (what) => {
      if (!what.startsWith('remove kosuke-preview-')) return;
      tries += 1;
      throw broken();
    };
    await world.closePull(1, 'a');
    const until = world.clock.now().getTime() + 8_000;
    await world.work(() => world.clock.now().getTime() > until);
    assert.ok(tries >= 2 && tries <= 4, `${tries} tries in 8 s`);
    assert.equal((await world.answers('a')).kind === 'answer' && world.edge.files.size, 1);
  });
});

describe('while GitHub is silent', () => {
  test('a crashed app is restarted', async () => {
    await world.push('a', sha('a'));
    await world.work();
    const { id } = await world.newest('a');
    world.github.trouble = silent();
    world.engine.exit(id, 1);
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    await world.work(async () => (await world.preview('a')).crashCount === 1 && (await world.newest('a')).state === 'live');
    assert.ok(world.github.looks > 1);
  });

  test('it is asked again with growing waits, and what it says then counts', async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.github.trouble = silent();
    world.github.heads.delete('a');
    const before = world.github.looks;
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    const until = world.clock.now().getTime() + 8_000;
    await world.work(() => world.clock.now().getTime() > until);
    assert.ok(world.github.looks - before >= 2 && world.github.looks - before <= 4, `${world.github.looks - before} looks in 8 s`);
    world.github.trouble = null;
    world.clock.offsetMs += 60_000;
    await world.work();
    assert.equal((await world.preview('a')).state, 'removed');
  });
});

describe('a pull request that is open again', () => {
  test('has a comment that says so, even when it was reopened before the last words were written', async () => {
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await world.work();
    const [pull] = world.github.pulls;
    let reopened = false;
    world.engine.before = async (what) => {
      if (!what.startsWith('remove kosuke-preview-') || reopened) return;
      reopened = true;
      Object.assign(world.github, { pulls: [pull], closedHeads: [] });
      await pullEvent(1, 'a', 'reopened');
    };
    await world.closePull(1, 'a');
    await world.work();
    assert.ok(reopened);
    assert.equal((await world.preview('a')).state, 'running');
    assert.match(await comment(), /Running/);
  });

  test('has one too when the webhook was lost and the sweep found it', async () => {
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await world.work();
    const pulls = [...world.github.pulls];
    await world.closePull(1, 'a');
    await world.work();
    Object.assign(world.github, { pulls, closedHeads: [] });
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.match(await comment(), /Running/);
  });
});

describe('first sight', () => {
  beforeEach(async () => {
    await world.close();
    world = await fakeReconciler();
  });
  const daysAgo = (days: number) => new Date(world.clock.now().getTime() - days * 86_400_000);

  test('a branch with a fresh and a stale pull request is deployed', async () => {
    world.github.heads.set('a', sha('a'));
    world.openPull(2, 'a');
    world.openPull(1, 'a', { updatedAt: daysAgo(90) });
    await pullEvent(2, 'a', 'opened');
    await world.work();
    assert.equal((await world.preview('a')).state, 'running');
  });

  test('an old pull request from a fork gets no comment', async () => {
    world.openPull(3, 'a', { fork: true, headSha: sha('f'), updatedAt: daysAgo(900) });
    await pullEvent(4, 'b', 'opened');
    await world.work();
    const fork = (await world.store.previews.all()).find((p) => p.ref.kind === 'pull');
    assert.equal(fork?.wanted.reason, 'left-out');
    assert.equal(await comment(), '');
  });

  test('two events at once see the same room, and stop nothing', async () => {
    await world.close();
    world = await fakeReconciler({ maxPreviews: 2 });
    for (const [number, branch] of [[1, 'a'], [2, 'b']] as const) {
      world.github.heads.set(branch, sha(branch));
      world.openPull(number, branch);
    }
    await Promise.all([pullEvent(1, 'a', 'opened'), pullEvent(2, 'b', 'opened'), sweep(world.deps, AbortSignal.timeout(5_000))]);
    await world.work();
    assert.deepEqual((await world.store.previews.all()).map((p) => [p.hostLabel, p.state]).toSorted(), [['project-1-a', 'running'], ['project-1-b', 'running']]);
  });
});

describe('the sweep', () => {
  test('asks GitHub nothing about branches that are gone and settled', async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.github.heads.delete('a');
    await world.intent.branchChanged({ repository, branch: 'a' });
    await world.work();
    const before = world.github.looks;
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.equal(world.github.looks, before);
  });

  test('leaves an image alone that is named while it looks', async () => {
    const list = world.engine.imageNames;
    world.engine.imageNames = async (...given) => {
      const names = await list(...given);
      if (world.build.ran.length === 0) {
        await world.push('a', sha('a'));
        await world.work();
      }
      return names;
    };
    await sweep(world.deps, AbortSignal.timeout(5_000));
    assert.equal(world.engine.images.size, 1);
  });

  test('takes a network away that has the name of one preview and the number of another, as after a lost database', async () => {
    await world.push('a', sha('a'));
    await world.push('b', sha('b'));
    await world.work();
    const [a, b] = [(await world.preview('a')).id, (await world.preview('b')).id];
    world.engine.networks.set('kosuke-preview-project-1-a', b);
    world.engine.networks.set('kosuke-preview-project-1-b', b);
    await sweep(world.deps, AbortSignal.timeout(5_000));
    assert.deepEqual([...world.engine.networks], [['kosuke-preview-project-1-b', b]]);
    await world.store.previews.kick(a, { look: false }, world.clock.now());
    await world.work();
    assert.equal(world.engine.networks.get('kosuke-preview-project-1-a'), a);
  });

  test('takes a network away that carries the id of a preview but not its name', async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.engine.networks.set('kosuke-preview-project-1-lost', (await world.preview('a')).id);
    await sweep(world.deps, AbortSignal.timeout(5_000));
    assert.deepEqual([...world.engine.networks.keys()], ['kosuke-preview-project-1-a']);
    await world.work();
    assert.equal((await world.preview('a')).state, 'running');
  });
});

test('a build whose pin cannot be taken off is started all the same', async () => {
  world.deps.git.unpin = () => Promise.reject(broken());
  await world.push('a', sha('a'));
  await world.work();
  assert.equal((await world.preview('a')).state, 'running');
});

test('a network that cannot be made is told on the pull request, and tried again', async () => {
  world.engine.before = (what) => {
    if (what.startsWith('network') || what.startsWith('create')) throw broken();
  };
  await world.push('a', sha('a'));
  world.openPull(1, 'a');
  await world.work(async () => (await world.store.deployments.ofPreview(1))[0]?.state === 'error');
  await world.work(async () => (await world.preview('a')).state === 'failed');
  assert.match(await comment(), /Trying again.*The engine did not answer/s);
  world.engine.before = () => undefined;
  world.clock.offsetMs += 60_000;
  await world.work();
  assert.equal((await world.preview('a')).state, 'running');
});

describe('a step of a build that ended by a signal', () => {
  const killed = () => new KosukeError({ code: 'build-failed', fault: 'app', what: 'The build failed at RUN x', why: 'The command ended with exit code 137', next: '' });

  test('is the repository\'s doing while the engine goes on', async () => {
    world.build.run = () => Promise.reject(killed());
    await world.push('a', sha('a'));
    await world.work();
    assert.equal((await world.newest('a')).state, 'failed');
  });

  test('is nobody\'s when the engine went away, and is tried again', async () => {
    const { ping } = world.engine;
    world.build.run = () => {
      world.engine.ping = () => Promise.reject(new Error('no engine'));
      return Promise.reject(killed());
    };
    await world.push('a', sha('a'));
    await world.work(async () => (await world.store.previews.all()).length > 0 && (await world.newest('a').catch(() => null))?.state === 'error');
    assert.equal((await world.newest('a')).failure?.code, 'engine');
    world.engine.ping = ping;
    world.build.run = () => Promise.resolve();
    await world.work(async () => (await world.preview('a')).state === 'running');
  });
});
