import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aPreview, aQueued, at, leaseMs, settle } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(async () => {
  await settle(store);
  for (;;) {
    const job = await store.reports.claimComment(at(1e9), 1);
    if (job === null) break;
    await store.reports.finishComment(job, { commentId: 1, body: job.body }, at(0));
  }
});

const open = { frozen: false };

test('a wished comment is written once, and its id is kept for the next', async () => {
  const preview = await aPreview(store);
  await store.reports.wishComment(preview.id, 5, 'building', open, at(0));
  const jobs = await Promise.all(Array.from({ length: 20 }, () => store.reports.claimComment(at(0), leaseMs)));
  const [job, ...others] = jobs.filter((one) => one !== null);
  assert.deepEqual(others, []);
  assert.deepEqual(job, { previewId: preview.id, project: preview.project, pull: 5, commentId: null, body: 'building', leaseNo: 1, attempts: 0 });
  await store.reports.finishComment(job, { commentId: 8_000_000_000, body: 'building' }, at(5_000));
  assert.equal(await store.reports.nextCommentDue(), null);
  await store.reports.wishComment(preview.id, 5, 'running', open, at(100));
  assert.deepEqual(await store.reports.nextCommentDue(), at(5_000));
  assert.equal(await store.reports.claimComment(at(4_999), leaseMs), null);
  assert.equal((await store.reports.claimComment(at(5_000), leaseMs))?.commentId, 8_000_000_000);
});

test('of wishes that come while one is written, the newest is written next', async () => {
  const preview = await aPreview(store);
  await store.reports.wishComment(preview.id, 5, 'a', open, at(0));
  const job = await store.reports.claimComment(at(0), leaseMs);
  assert.ok(job !== null);
  await store.reports.wishComment(preview.id, 5, 'b', open, at(1));
  await store.reports.wishComment(preview.id, 5, 'c', open, at(2));
  await store.reports.finishComment(job, { commentId: 1, body: job.body }, at(3));
  assert.equal((await store.reports.claimComment(at(3), leaseMs))?.body, 'c');
});

test('a wish that goes back to what is written needs no writing', async () => {
  const preview = await aPreview(store);
  await store.reports.wishComment(preview.id, 5, 'a', open, at(0));
  const job = await store.reports.claimComment(at(0), leaseMs);
  assert.ok(job !== null);
  await store.reports.finishComment(job, { commentId: 1, body: 'a' }, at(0));
  await store.reports.wishComment(preview.id, 5, 'b', open, at(1));
  await store.reports.wishComment(preview.id, 5, 'a', open, at(2));
  assert.equal(await store.reports.nextCommentDue(), null);
});

test('a failed write is tried again at its time, and one who lost the lease writes nothing', async () => {
  const preview = await aPreview(store);
  await store.reports.wishComment(preview.id, 5, 'a', open, at(0));
  const first = await store.reports.claimComment(at(0), leaseMs);
  assert.ok(first !== null);
  await store.reports.finishComment(first, null, at(400));
  assert.deepEqual(await store.reports.nextCommentDue(), at(400));
  const second = await store.reports.claimComment(at(400), leaseMs);
  assert.equal(second?.attempts, 1);
  const third = await store.reports.claimComment(at(400 + leaseMs), leaseMs);
  assert.equal(third?.leaseNo, 3);
  await store.reports.finishComment(second, { commentId: 9, body: 'a' }, at(0));
  assert.deepEqual(await store.reports.nextCommentDue(), at(400 + 2 * leaseMs));
});

const unfrozen = async (previewId: number) => (await store.reports.wishedComments(previewId)).filter(({ frozen }) => !frozen).map(({ pull }) => pull);

test('after its last words a comment is left alone until it is thawed', async () => {
  const preview = await aPreview(store);
  await store.reports.wishComment(preview.id, 5, 'running', open, at(0));
  await store.reports.wishComment(preview.id, 6, 'running', open, at(0));
  await store.reports.wishComment(preview.id, 5, 'removed', { frozen: true }, at(1));
  await store.reports.wishComment(preview.id, 5, 'kept', { frozen: true }, at(2));
  await store.reports.wishComment(preview.id, 5, 'running again', open, at(3));
  assert.deepEqual(await unfrozen(preview.id), [6]);
  const bodies = [await store.reports.claimComment(at(9), leaseMs), await store.reports.claimComment(at(9), leaseMs)];
  assert.deepEqual(bodies.map((job) => job?.body).sort(), ['removed', 'running']);
  await store.reports.thaw(preview.project.id, 5);
  await store.reports.wishComment(preview.id, 5, 'back', open, at(4));
  assert.deepEqual(await unfrozen(preview.id), [5, 6]);
});

test('freezing with the body it has writes nothing', async () => {
  const preview = await aPreview(store);
  await store.reports.wishComment(preview.id, 5, 'gone', open, at(0));
  const job = await store.reports.claimComment(at(0), leaseMs);
  assert.ok(job !== null);
  await store.reports.finishComment(job, { commentId: 1, body: 'gone' }, at(0));
  await store.reports.wishComment(preview.id, 5, 'gone', { frozen: true }, at(1));
  assert.equal(await store.reports.nextCommentDue(), null);
  assert.deepEqual(await unfrozen(preview.id), []);
});

test('a status is told once, the newest wish, to one teller at a time', async () => {
  const { deployment } = await aQueued(store);
  await store.reports.wishStatus(deployment.id, 'queued', at(0));
  await store.reports.wishStatus(deployment.id, 'in_progress', at(1));
  const jobs = await Promise.all(Array.from({ length: 20 }, () => store.reports.claimStatus(at(1), leaseMs)));
  const [job, ...others] = jobs.filter((one) => one !== null);
  assert.deepEqual(others, []);
  assert.deepEqual([job?.status, job?.deployment.id, job?.preview.id], ['in_progress', deployment.id, deployment.previewId]);
  assert.ok(job !== undefined);
  await store.reports.setGithubDeployment(deployment.id, 6_000_000_000);
  await store.reports.finishStatus(job, 'in_progress', at(1));
  await store.reports.wishStatus(deployment.id, 'in_progress', at(2));
  assert.equal(await store.reports.nextStatusDue(), null);
  const read = await store.deployments.byId(deployment.id);
  assert.deepEqual([read?.githubDeploymentId, read?.reportedStatus], [6_000_000_000, 'in_progress']);
});

test('a status that could not be told is tried again at its time', async () => {
  const { deployment } = await aQueued(store);
  await store.reports.wishStatus(deployment.id, 'success', at(0));
  const job = await store.reports.claimStatus(at(0), leaseMs);
  assert.ok(job !== null);
  await store.reports.finishStatus(job, null, at(800));
  assert.deepEqual(await store.reports.nextStatusDue(), at(800));
  assert.equal(await store.reports.claimStatus(at(799), leaseMs), null);
  const again = await store.reports.claimStatus(at(800), leaseMs);
  assert.equal(again?.attempts, 1);
  await store.reports.finishStatus(job, 'success', at(0));
  assert.equal((await store.deployments.byId(deployment.id))?.reportedStatus, null, 'the first teller lost its lease');
  await store.reports.finishStatus(again, 'success', at(0));
});

test('a status is told again when the address that goes with it has changed, also while it is being told', async () => {
  const { deployment } = await aQueued(store);
  await store.reports.wishStatus(deployment.id, 'success', at(0), 'http://127.0.0.1:20001');
  const first = await store.reports.claimStatus(at(0), leaseMs);
  assert.deepEqual([first?.status, first?.url], ['success', 'http://127.0.0.1:20001']);
  await store.reports.wishStatus(deployment.id, 'success', at(1), 'http://127.0.0.1:20002');
  await store.reports.finishStatus(first!, 'success', at(1));
  const second = await store.reports.claimStatus(at(1), leaseMs);
  assert.deepEqual([second?.status, second?.url], ['success', 'http://127.0.0.1:20002']);
  await store.reports.finishStatus(second!, 'success', at(1));
  await store.reports.wishStatus(deployment.id, 'success', at(2), 'http://127.0.0.1:20002');
  assert.equal(await store.reports.nextStatusDue(), null);
  await store.reports.wishStatus(deployment.id, 'success', at(3));
  const third = await store.reports.claimStatus(at(3), leaseMs);
  assert.deepEqual([third?.status, third?.url], ['success', null]);
  await store.reports.finishStatus(third!, 'success', at(3));
});

test('that a version was replaced is told after everything else', async () => {
  const replaced = await aQueued(store);
  await settle(store);
  const live = await aQueued(store);
  await store.reports.wishStatus(replaced.deployment.id, 'inactive', at(1));
  await store.reports.wishStatus(live.deployment.id, 'success', at(2), 'http://a.example');
  const told = [];
  for (let job = await store.reports.claimStatus(at(3), leaseMs); job !== null; job = await store.reports.claimStatus(at(3), leaseMs)) {
    told.push(job.status);
    await store.reports.finishStatus(job, job.status, at(3));
  }
  assert.deepEqual(told, ['success', 'inactive']);
});
