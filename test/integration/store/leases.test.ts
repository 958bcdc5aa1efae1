import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { PullRequest } from '../../../src/domain/preview.ts';
import type { Lease, Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aClaim, aPreview, aQueued, at, leaseMs, running, settle } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(() => settle(store));

const done = { dueAt: null, failed: false, looked: true };

test('of twenty workers each due preview goes to one', async () => {
  const ids = await threeDue();
  const claims = await Promise.all(Array.from({ length: 20 }, () => store.previews.claim('worker', at(5), leaseMs)));
  assert.deepEqual(claims.flatMap((claim) => claim?.preview.id ?? []).sort(byNumber), ids.sort(byNumber));
});

test('the one that is due for longest is first', async () => {
  const [third, first, second] = await threeDue();
  const claimed: (number | undefined)[] = [];
  for (let n = 0; n < 4; n += 1) claimed.push((await store.previews.claim('worker', at(5), leaseMs))?.preview.id);
  assert.deepEqual(claimed, [first, second, third, undefined]);
});

async function threeDue(): Promise<number[]> {
  const ids: number[] = [];
  for (const ms of [3, 1, 2]) {
    const { id } = await aPreview(store);
    await store.previews.kick(id, { look: false }, at(ms));
    ids.push(id);
  }
  return ids;
}

const byNumber = (a: number, b: number) => a - b;

test('when a lease ends the next worker takes over under a new number, and the first can write nothing', async () => {
  const { lease: old, preview } = await aClaim(store);
  assert.equal(await store.previews.claim('other', at(leaseMs - 1), leaseMs), null);
  assert.deepEqual(await store.previews.nextDue(), at(leaseMs));
  const taken = await store.previews.claim('other', at(leaseMs), leaseMs);
  assert.ok(taken !== null && taken.lease.leaseNo > old.leaseNo);
  await nothingUnder(old, preview.id);
  await store.previews.release(old, done);
  assert.equal(await store.previews.holds(taken.lease), true);
});

test('a released lease is nobody\'s', async () => {
  const { lease, preview } = await aClaim(store);
  await store.previews.release(lease, done);
  await nothingUnder(lease, preview.id);
});

test('after a change of what is wanted, the earlier generation can write nothing', async () => {
  const { lease: old, preview } = await aClaim(store);
  const lease = await store.previews.setWanted(old, running('a'), [], at(1));
  assert.ok(lease !== null);
  await nothingUnder(old, preview.id);
  assert.equal(await store.previews.update(lease, { state: 'queued' }, at(2)), true);
});

async function nothingUnder(lease: Lease, previewId: number): Promise<void> {
  const before = await store.previews.byId(previewId);
  const asked = { sha: 'x', redeployNo: 0, pullNumber: null, noCache: false, logToken: `stale-${previewId}-${lease.leaseNo}` };
  assert.equal(await store.previews.holds(lease), false);
  assert.equal(await store.previews.setWanted(lease, running('stale'), [], at(1)), null);
  assert.equal(await store.previews.update(lease, { state: 'crashed' }, at(1)), false);
  assert.equal(await store.deployments.create(lease, asked, at(1)), null);
  assert.equal(await store.deployments.byLogToken(asked.logToken), null);
  assert.deepEqual(await store.previews.byId(previewId), before);
}

test('a generation starts with another run, commit or redeploy, and with nothing else', async () => {
  const { lease: first, preview } = await aClaim(store);
  const generations: number[] = [];
  let lease = first;
  const set = async (wanted: Parameters<Store['previews']['setWanted']>[1]) => {
    const next = await store.previews.setWanted(lease, wanted, [], at(1));
    assert.ok(next !== null);
    lease = next;
    generations.push(next.generation);
  };
  await set({ run: 'nothing', sha: null, reason: 'pull-request-closed', asleepBecause: null });
  await set(running('a'));
  await set({ ...running('a'), reason: 'pull-request' });
  await set(running('b'));
  await set({ ...running('b'), run: 'asleep', asleepBecause: 'person' });
  await set({ ...running('b'), run: 'asleep', asleepBecause: 'suspended' });
  await store.previews.setWill(preview.id, { redeploy: true });
  await set({ ...running('b'), run: 'asleep', asleepBecause: 'suspended' });
  await set({ ...running('b'), run: 'asleep', asleepBecause: 'suspended' });
  assert.deepEqual(generations, [0, 1, 1, 2, 3, 3, 4, 4]);
  assert.equal((await store.previews.byId(preview.id))?.generation, 4);
});

test('what is wanted and the pull requests come back as they were written', async () => {
  const { lease, preview } = await aClaim(store);
  const pull: PullRequest = { number: 4, title: 'It’s\0 "new"', headBranch: 'main', headSha: 'a', fork: false, updatedAt: at(7) };
  await store.previews.setWanted(lease, { run: 'asleep', sha: 'a', reason: 'pull-request', asleepBecause: 'person' }, [pull], at(1));
  const read = await store.previews.byId(preview.id);
  assert.deepEqual(read?.wanted, { run: 'asleep', sha: 'a', reason: 'pull-request', asleepBecause: 'person' });
  assert.deepEqual(read?.pulls, [{ ...pull, title: 'It’s "new"' }]);
});

test('an update writes what it mentions', async () => {
  const { lease, preview } = await aClaim(store);
  await store.previews.update(lease, { state: 'running', liveDeploymentId: 8 }, at(1));
  await store.previews.update(lease, { crashCount: 1 }, at(1));
  const read = await store.previews.byId(preview.id);
  assert.deepEqual([read?.state, read?.liveDeploymentId, read?.crashCount], ['running', 8, 1]);
});

test('failed passes are counted until one succeeds', async () => {
  const { lease, preview, attempts } = await aClaim(store);
  assert.equal(attempts, 0);
  const seen: number[] = [];
  let held = lease;
  for (const failed of [true, true, false, true]) {
    await store.previews.release(held, { dueAt: at(1), failed, looked: false });
    const claim = await store.previews.claim('worker', at(1), leaseMs);
    assert.equal(claim?.preview.id, preview.id);
    held = claim.lease;
    seen.push(claim.attempts);
  }
  assert.deepEqual(seen, [1, 2, 0, 1]);
});

test('the leases of a dead process end for all that can be claimed', async () => {
  const { deployment, lease } = await aQueued(store);
  const { preview } = await aClaim(store);
  await store.deployments.claimBuild('dead', at(0), leaseMs);
  await store.deliveries.add({ guid: 'left', event: 'push', body: '{}', receivedAt: at(0) });
  await store.deliveries.claim(at(0), leaseMs);
  await store.reports.wishComment(preview.id, 1, 'hello', { frozen: false }, at(0));
  await store.reports.claimComment(at(0), leaseMs);
  await store.reports.wishStatus(deployment.id, 'queued', at(0));
  await store.reports.claimStatus(at(0), leaseMs);

  await store.previews.endAllLeases();

  assert.equal(await store.previews.holds(lease), false);
  assert.notEqual(await store.previews.claim('new', at(1), leaseMs), null);
  assert.equal((await store.deployments.claimBuild('new', at(1), leaseMs))?.buildNo, 2);
  assert.equal((await store.deliveries.claim(at(1), leaseMs))?.guid, 'left');
  assert.equal((await store.reports.claimComment(at(1), leaseMs))?.pull, 1);
  assert.equal((await store.reports.claimStatus(at(1), leaseMs))?.status, 'queued');
});

test('whoever starts again takes up at once what it had in hand, and nothing that another one has', async () => {
  const { lease: mine } = await aClaim(store, 0, 'me');
  const { lease: theirs } = await aClaim(store, 0, 'another');
  await store.previews.endLeasesOf('me');
  assert.deepEqual([await store.previews.holds(mine), await store.previews.holds(theirs)], [false, true]);
  assert.equal((await store.previews.claim('me', at(1), leaseMs))?.preview.id, mine.previewId);
  assert.equal(await store.previews.claim('me', at(2), leaseMs), null);
});
