import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;
const gib = 1024 ** 3;
const roomy = [{ of: 'engine', freeBytes: 50 * gib, totalBytes: 100 * gib }] as const;
const full = [{ of: 'engine', freeBytes: gib / 4, totalBytes: 100 * gib }] as const;

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
  world.disk.spaces = [...roomy];
  world.github.heads.set('a', sha('a'));
  world.openPull(1, 'a');
});
afterEach(() => world.close());

const pruned = () => world.engine.did.filter((what) => what.startsWith('prune'));
const comment = async () => (await world.store.reports.wishedComments((await world.preview('a')).id))[0]?.body ?? '';
const sweepOnce = () => sweep(world.deps, AbortSignal.timeout(5_000));

describe('on a full disk', () => {
  test('a build waits, its pull request says why with figures, and what runs goes on', async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.disk.spaces = [...full];
    await world.push('a', sha('b'));
    await world.work(async () => (await comment()).includes('no room on the disk'));
    assert.equal((await world.newest('a')).failure?.code, 'disk-full');
    assert.match(await comment(), /256 MiB of 100\.0 GiB are free where the engine keeps its images, and a build begins with at least 1\.0 GiB/);
    assert.match(await comment(), /not the fault of the repository/);
    assert.equal((await world.answers('a')).kind, 'answer');
    assert.equal((await world.preview('a')).state, 'running');
  });

  test('it is built as soon as there is room again', async () => {
    world.disk.spaces = [...full];
    await world.push('a', sha('a'));
    await world.work(async () => (await comment()).includes('no room on the disk'));
    world.disk.spaces = [...roomy];
    await world.work(async () => (await world.preview('a')).state === 'running');
  });

  test('build cache goes before a build is refused', async () => {
    world.disk.spaces = [...full];
    world.engine.usage = { imageBytes: 0, cacheBytes: 3 * gib };
    world.engine.before = (what) => {
      if (what.startsWith('prune')) world.disk.spaces = [...roomy];
    };
    await world.push('a', sha('a'));
    await world.work();
    assert.equal((await world.preview('a')).state, 'running');
    assert.deepEqual(pruned(), [`prune the build cache to ${1.25 * gib}`]);
  });

  test('an engine that cannot be measured refuses no build', async () => {
    world.disk.spaces = [];
    world.engine.diskUsage = () => Promise.reject(new Error('no'));
    await world.push('a', sha('a'));
    await world.work();
    assert.equal((await world.preview('a')).state, 'running');
  });
});

describe('the sweep', () => {
  test('keeps images and build cache to their budget: the cache goes first, then base images that no build used for an hour', async () => {
    world.deps.config.diskBudgetBytes = 10 * gib;
    const collected: Date[] = [];
    world.deps.builder.collectBases = (since) => Promise.resolve(void collected.push(since));
    world.engine.usage = { imageBytes: 8 * gib, cacheBytes: 5 * gib };
    await sweepOnce();
    assert.deepEqual(pruned(), [`prune the build cache to ${2 * gib}`]);
    assert.equal(collected.length, 1, 'the cache was enough; only what is unused for EXPIRE_AFTER is looked for');
    world.engine.usage = { imageBytes: 14 * gib, cacheBytes: gib };
    await sweepOnce();
    assert.deepEqual(pruned().slice(1), ['prune the build cache to 0']);
    const hourAgo = world.clock.now().getTime() - 3_600_000;
    assert.ok(collected.some((since) => Math.abs(since.getTime() - hourAgo) < 60_000));
  });

  test('removes nothing within the budget, and goes on when the engine does not say what it has', async () => {
    world.deps.config.diskBudgetBytes = 10 * gib;
    world.engine.usage = { imageBytes: 5 * gib, cacheBytes: 5 * gib };
    assert.deepEqual((await sweepOnce()).problems, []);
    assert.deepEqual(pruned(), []);
    world.engine.diskUsage = () => Promise.reject(new Error('no answer'));
    assert.deepEqual((await sweepOnce()).problems, ['what takes room on the disk could not be measured or removed: no answer']);
  });
});
