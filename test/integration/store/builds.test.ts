import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import type { PreviewRef } from '../../../src/domain/preview.ts';
import { aProject, aQueued, at, leaseMs, settle, unique } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(() => settle(store));

test('of twenty builders each queued one goes to one', async () => {
  const queued = [await aQueued(store), await aQueued(store), await aQueued(store)];
  const jobs = await Promise.all(Array.from({ length: 20 }, () => store.deployments.claimBuild('builder', at(3), leaseMs)));
  const got = jobs.filter((job) => job !== null).sort((a, b) => a.deployment.id - b.deployment.id);
  assert.deepEqual(got.map((job) => job.deployment.id), queued.map(({ deployment }) => deployment.id));
  assert.deepEqual(got.map((job) => job.preview.id), queued.map(({ lease }) => lease.previewId));
  assert.deepEqual(got.map((job) => [job.buildNo, job.deployment.state, job.deployment.buildStartedAt]), queued.map(() => [1, 'building', at(3)]));
});

test('the oldest is built first', async () => {
  const [first, second] = [await aQueued(store), await aQueued(store)];
  assert.equal((await store.deployments.claimBuild('builder', at(3), leaseMs))?.deployment.id, first.deployment.id);
  assert.equal((await store.deployments.claimBuild('builder', at(3), leaseMs))?.deployment.id, second.deployment.id);
});

test('a project that has its share comes after the others that wait, and gets the rest when none does; forks come last', async () => {
  const busy = await aProject(store);
  const quiet = await aProject(store);
  const queue = async (projectId: number, ref: PreviewRef) => {
    const label = ref.kind === 'branch' ? ref.name : `pr-${ref.number}`;
    const { id } = await store.previews.ensure(projectId, ref, [`project-${projectId}-${label}`], at(0));
    await store.previews.kick(id, { look: false }, at(0));
    const claim = await store.previews.claim('worker', at(0), leaseMs);
    const asked = { sha: 'c0ffee', redeployNo: 0, pullNumber: null, noCache: false, logToken: `token-${unique()}` };
    return (await store.deployments.create(claim!.lease, asked, at(0)))!.id;
  };
  const fork = await queue(busy.id, { kind: 'pull', number: 1 });
  const pushes: number[] = [];
  for (const name of ['a', 'b', 'c']) pushes.push(await queue(busy.id, { kind: 'branch', name }));
  const other = await queue(quiet.id, { kind: 'branch', name: 'a' });
  const order: (number | undefined)[] = [];
  for (let n = 0; n < 6; n += 1) order.push((await store.deployments.claimBuild('builder', at(1), leaseMs, 1))?.deployment.id);
  assert.deepEqual(order, [pushes[0], other, pushes[1], pushes[2], fork, undefined]);
});

test('one that is to wait is not taken before its time', async () => {
  const { lease, deployment } = await aQueued(store);
  await store.deployments.update(lease, deployment.id, { retryAt: at(700) });
  assert.equal(await store.deployments.claimBuild('builder', at(699), leaseMs), null);
  assert.deepEqual(await store.deployments.nextBuildDue(), at(700));
  assert.equal((await store.deployments.claimBuild('builder', at(700), leaseMs))?.deployment.id, deployment.id);
});

test('a dead builder\'s work is taken over, and its own writes are refused', async () => {
  const { deployment } = await aQueued(store);
  const dead = await store.deployments.claimBuild('dead', at(0), leaseMs);
  assert.ok(dead !== null);
  assert.equal(await store.deployments.claimBuild('builder', at(leaseMs - 1), leaseMs), null);
  assert.deepEqual(await store.deployments.nextBuildDue(), at(leaseMs));
  const heir = await store.deployments.claimBuild('builder', at(leaseMs), leaseMs);
  assert.deepEqual([heir?.deployment.id, heir?.buildNo], [deployment.id, 2]);
  assert.deepEqual([dead.deaths, heir?.deaths], [0, 1]);
  assert.equal(await store.deployments.keepBuild(deployment.id, dead.buildNo, at(1e6)), false);
  assert.equal(await store.deployments.updateBuild(deployment.id, dead.buildNo, { state: 'built', image: 'late' }), false);
  assert.equal(await store.deployments.updateBuild(deployment.id, 2, { state: 'built', image: 'good' }), true);
  assert.equal((await store.deployments.byId(deployment.id))?.image, 'good');
});

test('a builder that keeps its build is not overtaken', async () => {
  const { deployment } = await aQueued(store);
  await store.deployments.claimBuild('builder', at(0), leaseMs);
  assert.equal(await store.deployments.keepBuild(deployment.id, 1, at(3 * leaseMs)), true);
  assert.equal(await store.deployments.claimBuild('other', at(2 * leaseMs), leaseMs), null);
});

test('a cancelled build learns of it, and its late outcome is refused', async () => {
  const { lease, deployment } = await aQueued(store);
  await store.deployments.claimBuild('builder', at(0), leaseMs);
  assert.equal(await store.deployments.update(lease, deployment.id, { state: 'cancelled', endedAt: at(1) }), true);
  assert.equal(await store.deployments.keepBuild(deployment.id, 1, at(1e6)), false);
  assert.equal(await store.deployments.updateBuild(deployment.id, 1, { state: 'built', image: 'late' }), false);
  assert.equal(await store.deployments.claimBuild('builder', at(1e8), leaseMs), null);
  assert.equal((await store.deployments.byId(deployment.id))?.state, 'cancelled');
});

test('progress leaves the build going, an outcome ends it', async () => {
  const { deployment } = await aQueued(store);
  await store.deployments.claimBuild('builder', at(0), leaseMs);
  const how = { exposedPorts: [80, 443], portFound: false, withInit: false, notes: [{ code: 'lfs-pointers', text: 'One is a pointer' }] } as const;
  assert.equal(await store.deployments.updateBuild(deployment.id, 1, { fetchedAt: at(5) }), true);
  assert.equal(await store.deployments.updateBuild(deployment.id, 1, {}), true);
  assert.equal(await store.deployments.updateBuild(deployment.id, 1, { state: 'built', builtAt: at(9), image: 'i', port: 80, ...how }), true);
  assert.equal(await store.deployments.updateBuild(deployment.id, 1, { image: 'again' }), false);
  const read = await store.deployments.byId(deployment.id);
  assert.partialDeepStrictEqual(read, how);
  assert.deepEqual([read?.state, read?.fetchedAt, read?.builtAt, read?.image, read?.port], ['built', at(5), at(9), 'i', 80]);
  assert.equal(await store.deployments.nextBuildDue(), null);
});

test('a build that failed by our fault waits for its next try, under a new number', async () => {
  const { deployment } = await aQueued(store);
  await store.deployments.claimBuild('builder', at(0), leaseMs);
  await store.deployments.updateBuild(deployment.id, 1, { state: 'queued', retryAt: at(300), attempts: 1 });
  assert.deepEqual(await store.deployments.nextBuildDue(), at(300));
  const again = await store.deployments.claimBuild('builder', at(300), leaseMs);
  assert.deepEqual([again?.buildNo, again?.deployment.attempts], [2, 1]);
});

test('a build that waits for an image holds no other one, so that no two wait for each other', async () => {
  const [first, second] = [await aQueued(store), await aQueued(store)];
  for (const { deployment } of [first, second]) {
    assert.equal((await store.deployments.claimBuild('builder', at(0), leaseMs))?.deployment.id, deployment.id);
  }
  const take = ({ deployment }: typeof first, image: string) => store.deployments.takeImage(deployment.id, 1, image, at(1));
  assert.deepEqual([await take(first, 'ordinary'), await take(second, 'afresh')], [true, true]);
  assert.equal(await take(second, 'ordinary'), false);
  assert.equal(await take(first, 'afresh'), true);
  assert.equal(await take(second, 'ordinary'), true);
});

test('an image that is being built is taken by one build at a time, in whatever order they ask', async () => {
  const [first, second, third] = [await aQueued(store), await aQueued(store), await aQueued(store)];
  for (const { deployment } of [first, second, third]) {
    assert.equal((await store.deployments.claimBuild('builder', at(0), leaseMs))?.deployment.id, deployment.id);
  }
  const take = ({ deployment }: typeof first, ms: number) => store.deployments.takeImage(deployment.id, 1, 'the-image', at(ms));
  const taken = await Promise.all([second, first, third].map((one) => take(one, 1)));
  assert.equal(taken.filter(Boolean).length, 1);
  const holder = [second, first, third][taken.indexOf(true)]!;
  const [waiting, other] = [first, second, third].filter((one) => one !== holder) as [typeof first, typeof first];
  assert.equal(await take(holder, 1), true);
  assert.equal(await take(waiting, leaseMs - 1), false);
  assert.equal((await store.deployments.byId(waiting.deployment.id))?.image, null);
  assert.equal(await store.deployments.takeImage(waiting.deployment.id, 1, 'another-image', at(1)), true);

  await store.deployments.updateBuild(holder.deployment.id, 1, { state: 'built', port: 80, builtAt: at(2) });
  assert.equal(await take(waiting, 2), true);
  assert.equal(await take(other, 2), false);
  assert.equal(await take(other, leaseMs), true, 'the lease of a dead builder is over');
});

test('what a dead builder had taken is not held by whoever takes its work over', async () => {
  const [first, second] = [await aQueued(store), await aQueued(store)];
  for (const { deployment } of [first, second]) {
    await store.deployments.claimBuild('dead', at(0), leaseMs);
    assert.equal(await store.deployments.takeImage(deployment.id, 1, `image of ${deployment.id}`, at(1)), true);
  }
  await store.deployments.claimBuild('heir', at(leaseMs), leaseMs);
  await store.deployments.claimBuild('heir', at(leaseMs), leaseMs);
  assert.equal(await store.deployments.takeImage(second.deployment.id, 2, `image of ${first.deployment.id}`, at(leaseMs)), true);
});

test('the images of a stem are those that are built and that deployments name which have not ended', async () => {
  const { lease, deployment } = await aQueued(store);
  await store.deployments.claimBuild('builder', at(0), leaseMs);
  await store.deployments.takeImage(deployment.id, 1, 'stem_1-r7', at(1));
  assert.deepEqual(await store.deployments.imagesNamed('stem_1'), []);
  await store.deployments.updateBuild(deployment.id, 1, { state: 'built', port: 80, builtAt: at(1) });
  assert.deepEqual(await store.deployments.imagesNamed('stem_1'), ['stem_1-r7']);
  assert.deepEqual(await store.deployments.imagesNamed('stem'), ['stem_1-r7']);
  assert.deepEqual(await store.deployments.imagesNamed('stem%'), []);
  await store.deployments.update(lease, deployment.id, { state: 'removed', endedAt: at(2) });
  assert.deepEqual(await store.deployments.imagesNamed('stem_1'), []);
});
