import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { DeploymentState } from '../../../src/domain/deployment.ts';
import type { Failure } from '../../../src/domain/errors.ts';
import type { Lease, Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aClaim, aQueued, at, leaseMs, settle, unique } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(() => settle(store));

async function added(lease: Lease, state: DeploymentState, image: string | null = null): Promise<number> {
  const asked = { sha: 'abc', redeployNo: 0, pullNumber: 3, noCache: true, logToken: `t-${unique()}` };
  const deployment = await store.deployments.create(lease, asked, at(0));
  assert.ok(deployment !== null);
  assert.equal(await store.deployments.update(lease, deployment.id, { state, image }), true);
  return deployment.id;
}

test('a new one waits for a builder, with all that was asked', async () => {
  const { lease, preview } = await aClaim(store);
  const asked = { sha: 'abc', redeployNo: 2, pullNumber: 3, noCache: true, logToken: `t-${unique()}` };
  const deployment = await store.deployments.create(lease, asked, at(4));
  assert.deepEqual(deployment, {
    ...asked,
    id: deployment?.id, previewId: preview.id, state: 'queued', createdAt: at(4), attempts: 0,
    image: null, port: null, exposedPorts: [], portFound: false, withInit: true, notes: [], failure: null, retryAt: null, exitCode: null, buildStartedAt: null, fetchedAt: null, builtAt: null,
    startedAt: null, readyAt: null, switchedAt: null, endedAt: null, githubDeploymentId: null, wishedStatus: null, wishedUrl: null, reportedStatus: null,
  });
  const found = await store.deployments.byLogToken(asked.logToken);
  assert.deepEqual([found?.deployment, found?.preview.id], [deployment, preview.id]);
  assert.equal(await store.deployments.byLogToken('unknown'), null);
});

test('what a pass writes comes back, failures too', async () => {
  const { lease, deployment } = await aQueued(store);
  const failure: Failure = { code: 'exited', fault: 'app', what: 'It ended', why: 'with 1', next: 'Look', logTail: 'a\0b' };
  const change = { state: 'failed' as const, failure, attempts: 2, retryAt: at(9), exitCode: 137, startedAt: at(1), endedAt: at(2), port: 80, portFound: true, withInit: false, notes: [{ code: 'port-found' as const, text: 'It listens elsewhere' }] };
  assert.equal(await store.deployments.update(lease, deployment.id, change), true);
  const read = await store.deployments.byId(deployment.id);
  assert.deepEqual(read, { ...deployment, ...change, failure: { ...failure, logTail: 'ab' } });
});

test('a pass whose lease is lost, or of another preview, changes nothing', async () => {
  const { lease, deployment } = await aQueued(store);
  const { lease: foreign } = await aClaim(store);
  const taken = await store.previews.claim('other', at(leaseMs), leaseMs);
  assert.equal(taken?.preview.id, lease.previewId);
  assert.equal(await store.deployments.update(lease, deployment.id, { state: 'live' }), false);
  assert.equal(await store.deployments.update(foreign, deployment.id, { state: 'live' }), false);
  assert.equal(await store.deployments.update(taken.lease, deployment.id, {}), true);
  assert.equal((await store.deployments.byId(deployment.id))?.state, 'queued');
});

test('ids continue above the highest on the engine, and never go back', async () => {
  const { lease, deployment } = await aQueued(store);
  await store.deployments.continueAbove(deployment.id + 500);
  const above = await added(lease, 'removed');
  assert.equal(above, deployment.id + 501);
  await store.deployments.continueAbove(1);
  assert.equal(await added(lease, 'removed'), above + 1);
});

test('on a new database ids continue above the highest, too', async () => {
  const fresh = await testStore();
  try {
    await fresh.store.deployments.continueAbove(0);
    await fresh.store.deployments.continueAbove(1);
    assert.equal((await aQueued(fresh.store)).deployment.id, 2);
  } finally {
    await fresh.close();
  }
});

test('the history has all that is not over, the live one, and the newest of the rest', async () => {
  const { lease, preview } = await aClaim(store);
  const live = await added(lease, 'superseded');
  const states: DeploymentState[] = ['failed', 'built', 'error', 'removed', 'cancelled', 'superseded', 'queued'];
  const ids: number[] = [];
  for (const state of states) ids.push(await added(lease, state));
  await store.previews.update(lease, { liveDeploymentId: live }, at(1));
  const history = await store.deployments.ofPreview(preview.id, 2);
  assert.deepEqual(
    history.map(({ id, state }) => [id, state]),
    [[ids[6], 'queued'], [ids[5], 'superseded'], [ids[4], 'cancelled'], [ids[2], 'error'], [ids[1], 'built'], [live, 'superseded']],
  );
  assert.equal((await store.deployments.ofPreview(preview.id)).length, 8);
});

test('without a live one the history is the same', async () => {
  const { lease, preview } = await aClaim(store);
  const id = await added(lease, 'failed');
  assert.deepEqual((await store.deployments.ofPreview(preview.id)).map((one) => one.id), [id]);
});

test('an image is in use while a deployment that is not over names it', async () => {
  const { lease } = await aClaim(store);
  const { lease: other } = await aClaim(store);
  const image = `image-${unique()}`;
  const mine = await added(lease, 'live', image);
  assert.equal(await store.deployments.imageInUse(image, []), true);
  assert.equal(await store.deployments.imageInUse(image, [mine]), false);
  const theirs = await added(other, 'built', image);
  assert.equal(await store.deployments.imageInUse(image, [mine]), true);
  await store.deployments.update(other, theirs, { state: 'superseded' });
  assert.equal(await store.deployments.imageInUse(image, [mine]), false);
});
