import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aClaim, aPreview, aQueued, at, leaseMs } from './fixtures.ts';

describe('figures', () => {
  let store: Store;
  let close: () => Promise<void>;
  before(async () => ({ store, close } = await testStore()));
  after(() => close());
  const none = { count: 0, since: null };

  test('of an empty store are none and since never', async () => {
    const { figures } = store;
    const all = [figures.deliveriesWaiting(), figures.passesDue(at(0)), figures.buildsQueued(at(0)), figures.commentsWaiting(), figures.statusesWaiting()];
    assert.deepEqual(await Promise.all(all), all.map(() => none));
    assert.deepEqual(await figures.previewsByState(), new Map());
  });

  test('of webhooks are those that are not handled, in hand or not, since the first came', async () => {
    const { deliveries, figures } = store;
    for (const [guid, ms] of [['one', 0], ['two', 1_000], ['three', 2_000]] as const) {
      await deliveries.add({ guid, event: 'push', body: '{}', receivedAt: at(ms) });
    }
    assert.deepEqual(await figures.deliveriesWaiting(), { count: 3, since: at(0) });
    await deliveries.claim(at(3_000), leaseMs);
    assert.deepEqual(await figures.deliveriesWaiting(), { count: 3, since: at(0) });
    await deliveries.finish('one', 'handled', at(3_000));
    await deliveries.fail('three', 'it failed', at(60_000));
    assert.deepEqual(await figures.deliveriesWaiting(), { count: 2, since: at(1_000) });
    await deliveries.fail('three', 'it failed for ever', null);
    await deliveries.finish('two', 'ignored', at(4_000));
    assert.deepEqual(await figures.deliveriesWaiting(), none);
  });

  test('of passes are the previews that are due and that nobody has, since they became due', async () => {
    const { previews, figures } = store;
    const [first, second] = [await aPreview(store), await aPreview(store)];
    await previews.kick(first.id, { look: false }, at(5_000));
    await previews.kick(second.id, { look: false }, at(7_000));
    assert.deepEqual(await figures.passesDue(at(4_999)), none);
    assert.deepEqual(await figures.passesDue(at(6_000)), { count: 1, since: at(5_000) });
    assert.deepEqual(await figures.passesDue(at(8_000)), { count: 2, since: at(5_000) });
    const claim = await previews.claim('worker', at(8_000), leaseMs);
    assert.deepEqual(await figures.passesDue(at(9_000)), { count: 1, since: at(7_000) });
    assert.deepEqual(await figures.passesDue(at(8_000 + leaseMs)), { count: 2, since: at(5_000) }, 'whoever had it is dead');
    await previews.release(claim!.lease, { dueAt: null, failed: false, looked: true });
    await previews.release((await previews.claim('worker', at(8_000), leaseMs))!.lease, { dueAt: null, failed: false, looked: true });
    assert.deepEqual(await figures.passesDue(at(9_000)), none);
  });

  test('of builds are the deployments that may be built now and that nobody builds, since they were made', async () => {
    const { deployments, figures } = store;
    const { lease, deployment } = await aQueued(store);
    assert.deepEqual(await figures.buildsQueued(at(1_000)), { count: 1, since: at(0) });
    await deployments.update(lease, deployment.id, { retryAt: at(5_000) });
    assert.deepEqual(await figures.buildsQueued(at(1_000)), none);
    assert.deepEqual(await figures.buildsQueued(at(5_000)), { count: 1, since: at(0) });
    await deployments.claimBuild('builder', at(5_000), leaseMs);
    assert.deepEqual(await figures.buildsQueued(at(6_000)), none);
  });

  test('of reports are comments and statuses that are not told yet, since they were last wished', async () => {
    const { reports, figures } = store;
    const { deployment } = await aQueued(store);
    await reports.wishComment(deployment.previewId, 1, 'first', { frozen: false }, at(1_000));
    await reports.wishComment(deployment.previewId, 2, 'other', { frozen: false }, at(2_000));
    await reports.wishStatus(deployment.id, 'in_progress', at(3_000));
    assert.deepEqual(await figures.commentsWaiting(), { count: 2, since: at(1_000) });
    assert.deepEqual(await figures.statusesWaiting(), { count: 1, since: at(3_000) });
    const [comment, status] = [await reports.claimComment(at(4_000), leaseMs), await reports.claimStatus(at(4_000), leaseMs)];
    await reports.finishComment(comment!, { commentId: 1, body: comment!.body }, at(9_000));
    await reports.finishStatus(status!, 'in_progress', at(4_000));
    assert.deepEqual(await figures.commentsWaiting(), { count: 1, since: at(2_000) });
    assert.deepEqual(await figures.statusesWaiting(), none);
  });

  test('of what is set aside count webhooks, previews, versions and reports, each until it is taken up', async () => {
    const { store: own, close: end } = await testStore();
    const { deliveries, previews, deployments, figures, reports } = own;
    assert.deepEqual(await figures.setAside(), { deliveries: 0, previews: 0, deployments: 0, reports: 0 });
    await deliveries.add({ guid: 'bad', event: 'push', body: '{}', receivedAt: at(0) });
    await deliveries.fail('bad', 'it threw', null);
    const { lease, deployment } = await aQueued(own);
    await previews.update(lease, { setAside: { reason: 'the engine says no', at: at(1) } }, at(1));
    await deployments.update(lease, deployment.id, { state: 'error', attempts: 8 });
    await reports.wishComment(lease.previewId, 12, 'text', { frozen: false }, at(0));
    for (let n = 0; n < 8; n += 1) {
      const job = await reports.claimComment(at(n), 1);
      await reports.finishComment(job!, null, at(n));
    }
    assert.deepEqual(await figures.setAside(), { deliveries: 1, previews: 1, deployments: 1, reports: 1 });
    assert.deepEqual(await deliveries.setAside(), [{ guid: 'bad', event: 'push', receivedAt: at(0), error: 'it threw' }]);
    assert.deepEqual((await previews.byId(lease.previewId))?.setAside, { reason: 'the engine says no', at: at(1) });
    await previews.kick(lease.previewId, { look: true, takeUp: true }, at(2));
    await deployments.update(lease, deployment.id, { state: 'queued' });
    assert.deepEqual(await figures.setAside(), { deliveries: 1, previews: 0, deployments: 0, reports: 1 });
    await end();
  });

  test('of previews are as many as are in each state', async () => {
    const { previews, figures } = store;
    const before = (await previews.all()).length;
    const { lease } = await aClaim(store);
    await previews.update(lease, { state: 'running' }, at(0));
    assert.deepEqual(await figures.previewsByState(), new Map([['removed', before], ['running', 1]]));
  });
});
