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

  test('of previews are as many as are in each state', async () => {
    const { previews, figures } = store;
    const before = (await previews.all()).length;
    const { lease } = await aClaim(store);
    await previews.update(lease, { state: 'running' }, at(0));
    assert.deepEqual(await figures.previewsByState(), new Map([['removed', before], ['running', 1]]));
  });
});
