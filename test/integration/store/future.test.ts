import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aPreview, aQueued, at, leaseMs } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());

const aheadMs = 2 * 3_600_000;

test('what was put off by a clock that was ahead is told once the clock is right again, and nothing else is told sooner', async () => {
  const { deployment } = await aQueued(store);
  const { id } = await aPreview(store);
  await store.reports.wishStatus(deployment.id, 'queued', at(aheadMs));
  await store.reports.wishComment(id, 1, 'hello', { frozen: false }, at(aheadMs));
  const job = await store.reports.claimComment(at(aheadMs), leaseMs);
  await store.reports.finishComment(job!, null, at(aheadMs + 5_000));
  assert.equal(await store.reports.claimComment(at(0), leaseMs), null);

  await store.reports.forgetFuture(at(aheadMs - 60_000));
  assert.deepEqual(await store.reports.nextCommentDue(), at(aheadMs + 5_000));

  await store.reports.forgetFuture(at(0));
  assert.deepEqual([await store.reports.nextCommentDue(), await store.reports.nextStatusDue()], [at(0), at(0)]);
  assert.equal((await store.reports.claimComment(at(0), leaseMs))?.body, 'hello');
  assert.equal((await store.reports.claimStatus(at(0), leaseMs))?.status, 'queued');
});
