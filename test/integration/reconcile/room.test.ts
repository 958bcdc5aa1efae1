import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { keepsRoomMs } from '../../../src/domain/room.ts';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { createOperations } from '../../../src/serve/operations.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;
afterEach(() => world.close());

/** One pull request a branch, so that there is a comment to read. */
async function start(config: Parameters<typeof fakeReconciler>[0], branches: readonly string[]): Promise<void> {
  world = await fakeReconciler(config);
  await world.sighted();
  for (const branch of branches) await deploy(branch);
}
async function deploy(branch: string, head = sha(branch)): Promise<void> {
  world.github.heads.set(branch, head);
  const known = world.github.pulls.find(({ headBranch }) => headBranch === branch);
  if (known === undefined) world.openPull(branch.charCodeAt(0), branch);
  else Object.assign(known, { headSha: head });
  await world.push(branch, head);
  await world.work();
}
const later = (ms: number) => {
  world.clock.offsetMs += ms;
};
const states = async () => Object.fromEntries((await world.store.previews.all()).map(({ ref, state }) => [ref.kind === 'branch' ? ref.name : ref.number, state]));
const comment = async (branch: string) => (await world.store.reports.wishedComments((await world.preview(branch)).id))[0]?.body ?? '';
const running = () => world.engine.containers.filter(({ status }) => status === 'running').length;
const operations = () => createOperations(world.deps, () => sweep(world.deps, AbortSignal.timeout(5_000)), 0);
const named = (branch: string) => ({ preview: { kind: 'host', hostLabel: `project-1-${branch}` } as const });

describe('when as many run as may run', () => {
  test('the one that was not deployed or woken for the longest time is put to sleep for the next, and its comment says so', async () => {
    await start({ maxPreviews: 2 }, ['a', 'b']);
    later(keepsRoomMs + 1_000);
    await deploy('a', sha('1'));
    await deploy('c');
    later(20_000);
    await world.work();
    assert.deepEqual(await states(), { a: 'running', b: 'asleep', c: 'running' });
    assert.equal(running(), 2);
    assert.match(await comment('b'), /put to sleep to make room/);
  });

  test('one that was put to sleep wakes by a command or a push, in the place of another', async () => {
    await start({ maxPreviews: 1 }, ['a']);
    later(keepsRoomMs + 1_000);
    await deploy('b');
    later(keepsRoomMs + 1_000);
    assert.ok((await operations().wake(named('a'))).ok);
    await world.work();
    assert.deepEqual(await states(), { a: 'running', b: 'asleep' });
    later(keepsRoomMs + 1_000);
    await deploy('b', sha('2'));
    assert.deepEqual(await states(), { a: 'asleep', b: 'running' });
    assert.deepEqual(world.build.ran.length, 3, 'to wake is no build');
  });

  test('none is put to sleep that was just deployed: the next waits, and its pull request says why, with figures', async () => {
    await start({ maxPreviews: 2 }, ['a', 'b', 'c']);
    assert.deepEqual(await states(), { a: 'running', b: 'running', c: 'queued' });
    assert.match(await comment('c'), /There is no room for it right now: 2 of 2 apps run here \(`MAX_PREVIEWS`\).*It is built by itself as soon as there is room, at .* UTC/);
    assert.equal((await world.store.deployments.ofPreview((await world.preview('c')).id)).length, 0);
  });

  test('one that waits starts as soon as another goes, without waiting any longer', async () => {
    await start({ maxPreviews: 1 }, ['a', 'b']);
    assert.deepEqual(await states(), { a: 'running', b: 'queued' });
    await world.closePull(97, 'a');
    await world.work();
    assert.deepEqual(await states(), { a: 'removed', b: 'running' });
    assert.doesNotMatch(await comment('b'), /no room/);
  });

  test('one that waits starts when the first may be put to sleep', async () => {
    await start({ maxPreviews: 1 }, ['a', 'b']);
    later(keepsRoomMs + 1_000);
    await world.work();
    assert.deepEqual(await states(), { a: 'asleep', b: 'running' });
  });

  test('what fails and what crashes for good takes no place', async () => {
    await start({ maxPreviews: 1 }, []);
    world.build.run = () => Promise.reject(new Error('no'));
    world.build.dockerfile = null;
    await deploy('a');
    world.build.dockerfile = 'FROM busybox\n';
    world.build.run = () => Promise.resolve();
    await deploy('b');
    assert.deepEqual(await states(), { a: 'failed', b: 'running' });
  });

  test('a push to one that runs takes no second place', async () => {
    await start({ maxPreviews: 1 }, ['a']);
    await deploy('a', sha('1'));
    assert.deepEqual(await states(), { a: 'running' });
    assert.equal((await world.newest('a')).state, 'live');
  });

  test('memory for all is a limit of the same kind', async () => {
    await start({ memoryBudgetBytes: 100 * 1024 ** 2, memoryBytes: 64 * 1024 ** 2 }, ['a', 'b']);
    assert.deepEqual(await states(), { a: 'running', b: 'queued' });
    assert.match(await comment('b'), /1 of 1 app runs here \(`MEMORY_BUDGET`\)/);
  });

  test('GitHub need not answer for any of it', async () => {
    await start({ maxPreviews: 1 }, ['a', 'b']);
    later(keepsRoomMs + 1_000);
    const { looks } = world.github;
    await world.work();
    assert.deepEqual(await states(), { a: 'asleep', b: 'running' });
    assert.equal(world.github.looks, looks);
  });

  test('a sweep puts to sleep what is more than an operator allows now', async () => {
    await start({ maxPreviews: 3 }, ['a', 'b', 'c']);
    world.deps.config.maxPreviews = 1;
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.deepEqual(await states(), { a: 'asleep', b: 'asleep', c: 'running' });
  });
});

describe('a preview that nobody pushed, redeployed or woke for EXPIRE_AFTER', () => {
  test('is taken away by the sweep, says so, and comes back with a push', async () => {
    await start({}, ['a', 'b']);
    later(10 * 86_400_000);
    await deploy('b', sha('1'));
    later(5 * 86_400_000);
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.deepEqual(await states(), { a: 'expired', b: 'running' });
    assert.match(await comment('a'), /Expired[^]*taken away/);
    assert.equal(running(), 1);
    await deploy('a', sha('2'));
    assert.deepEqual(await states(), { a: 'running', b: 'running' });
  });

  test('comes back by redeploy', () => comesBackBy('redeploy'));
  test('comes back by wake', () => comesBackBy('wake'));

  async function comesBackBy(verb: 'redeploy' | 'wake'): Promise<void> {
    await start({}, ['a']);
    later(15 * 86_400_000);
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.deepEqual(await states(), { a: 'expired' });
    assert.ok((await operations()[verb](named('a'))).ok);
    await world.work();
    assert.deepEqual(await states(), { a: 'running' });
  }

  test('stays where EXPIRE_AFTER is never', async () => {
    await start({ expireAfterMs: Infinity }, ['a']);
    later(900 * 86_400_000);
    await sweep(world.deps, AbortSignal.timeout(5_000));
    await world.work();
    assert.deepEqual(await states(), { a: 'running' });
  });
});
