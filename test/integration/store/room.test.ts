import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Lease, Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aClaim, at, leaseMs, running } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
beforeEach(async () => ({ store, close } = await testStore()));
afterEach(() => close());

const done = { dueAt: null, failed: false, looked: true };

/** Previews that are claimed and want to run. */
async function wanting(count: number): Promise<Lease[]> {
  const leases: Lease[] = [];
  for (let n = 0; n < count; n += 1) {
    const { lease } = await aClaim(store);
    leases.push((await store.previews.setWanted(lease, running(`sha-${n}`), [], at(1)))!);
  }
  return leases;
}

test('of many that ask at once no more get a place than there are', async () => {
  const leases = await wanting(8);
  const asked = await Promise.all(leases.map((lease) => store.previews.takeRoom(lease, { capacity: 3, idleBefore: at(0) }, at(2))));
  assert.deepEqual(asked.map((room) => room?.kind).toSorted(), ['full', 'full', 'full', 'full', 'full', 'taken', 'taken', 'taken']);
  const rooms = (await store.previews.all()).filter(({ id }) => leases.some(({ previewId }) => previewId === id)).map(({ room }) => room);
  assert.deepEqual(rooms.toSorted(), ['has', 'has', 'has', 'waits', 'waits', 'waits', 'waits', 'waits']);
});

test('whose place is taken is to sleep at its commit and is due; the others keep theirs', async () => {
  const [first, second, third] = await wanting(3);
  await store.previews.takeRoom(first!, { capacity: 2, idleBefore: at(0) }, at(10));
  await store.previews.takeRoom(second!, { capacity: 2, idleBefore: at(0) }, at(20));
  await store.previews.release(first!, done);
  assert.deepEqual(await store.previews.takeRoom(third!, { capacity: 2, idleBefore: at(10) }, at(30)), { kind: 'full', running: 2, firstUsedAt: at(10) });
  assert.deepEqual(await store.previews.takeRoom(third!, { capacity: 2, idleBefore: at(11) }, at(30)), { kind: 'taken', slept: [first!.previewId] });
  const slept = await store.previews.byId(first!.previewId);
  assert.deepEqual([slept?.room, slept?.will.asleepSha, slept?.will.asleepBy, slept?.wanted.run], ['none', 'sha-0', 'room', 'running']);
  assert.equal((await store.previews.claim('worker', at(40), leaseMs))?.preview.id, first!.previewId);
});

test('a lease that is lost gets no place, and nobody loses one for it', async () => {
  const [first, second] = await wanting(2);
  await store.previews.takeRoom(first!, { capacity: 1, idleBefore: at(0) }, at(10));
  await store.previews.release(second!, done);
  assert.equal(await store.previews.takeRoom(second!, { capacity: 1, idleBefore: at(99) }, at(30)), null);
  assert.equal((await store.previews.byId(first!.previewId))?.room, 'has');
  assert.equal(await store.previews.giveRoom(second!, at(31)), false);
});

test('who gives a place back makes those due that wait', async () => {
  const [first, second] = await wanting(2);
  await store.previews.takeRoom(first!, { capacity: 1, idleBefore: at(0) }, at(10));
  await store.previews.takeRoom(second!, { capacity: 1, idleBefore: at(0) }, at(10));
  await store.previews.release(second!, done);
  assert.equal(await store.previews.claim('worker', at(20), leaseMs), null);
  assert.equal(await store.previews.giveRoom(first!, at(21)), true);
  assert.equal((await store.previews.claim('worker', at(22), leaseMs))?.preview.id, second!.previewId);
});

test('a deployment is a use; what is unused since expires at the commit that it wants, once', async () => {
  const [used, unused] = await wanting(2);
  for (const lease of [used!, unused!]) await store.previews.takeRoom(lease, { capacity: 9, idleBefore: at(0) }, at(10));
  await store.deployments.create(used!, { sha: 'sha-0', redeployNo: 0, pullNumber: null, noCache: false, logToken: `room-${used!.previewId}` }, at(50));
  assert.deepEqual(await store.previews.expire(at(50), at(60)), [unused!.previewId]);
  assert.equal((await store.previews.byId(unused!.previewId))?.will.expiredSha, 'sha-1');
  assert.deepEqual(await store.previews.expire(at(50), at(61)), []);
});
