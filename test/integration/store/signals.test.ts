import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Signal, Store } from '../../../src/reconcile/ports/store.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { aPreview, aQueued, at, leaseMs, settle } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(() => settle(store));

/** What was heard of an act alone: signals keep their order, so one before and one after it mark its bounds. */
async function heard(of: Signal[], act: () => Promise<unknown>): Promise<string[]> {
  await passed('before');
  const all: string[] = [];
  const ends = of.map((signal) => store.signals.on(signal, (payload) => all.push(`${signal} ${payload}`.trim())));
  await act();
  await passed('after');
  for (const end of ends) end();
  return all;
}

async function passed(mark: string): Promise<void> {
  let came = false;
  const end = store.signals.on('delivery', (payload) => void (came ||= payload === mark));
  await store.signals.send('delivery', mark);
  await eventually(`the signal ${mark}`, () => came, { every: 1 });
  end();
}

test('a kick wakes the workers with the preview\'s id; a kick of many wakes them once', async () => {
  const [one, other] = [await aPreview(store), await aPreview(store)];
  assert.deepEqual(await heard(['preview'], () => store.previews.kick(one.id, { look: false }, at(0))), [`preview ${one.id}`]);
  assert.notEqual(one.id, other.id);
  assert.deepEqual(await heard(['preview'], () => store.previews.kickAll({ look: false }, at(0))), ['preview']);
});

test('cancelling names the deployment; no other change does', async () => {
  const { lease, deployment } = await aQueued(store);
  const acts = async () => {
    await store.deployments.update(lease, deployment.id, { attempts: 1 });
    await store.deployments.update({ ...lease, leaseNo: lease.leaseNo + 1 }, deployment.id, { state: 'cancelled' });
    await store.deployments.update(lease, deployment.id, { state: 'cancelled' });
  };
  assert.deepEqual(await heard(['cancel', 'build'], acts), [`cancel ${deployment.id}`]);
});

test('who looks on a deployment hears of each change of it', async () => {
  let made: Awaited<ReturnType<typeof aQueued>> | undefined;
  await heard([], async () => void (made = await aQueued(store)));
  const { lease, deployment } = made!;
  const told = `deployment ${deployment.id}`;
  let buildNo = 0;
  assert.deepEqual(await heard(['deployment'], async () => void (buildNo = (await store.deployments.claimBuild('builder', at(0), leaseMs))!.buildNo)), [told]);
  assert.deepEqual(await heard(['deployment'], () => store.deployments.updateBuild(deployment.id, buildNo, { state: 'built' })), [told]);
  assert.deepEqual(await heard(['deployment'], () => store.deployments.update(lease, deployment.id, { state: 'starting' })), [told]);
  assert.deepEqual(await heard(['deployment'], () => store.deployments.goLive(lease, deployment.id, { readyAt: at(1), now: at(1) })), [told]);
});

test('a new deployment, and one that is queued again, wakes the builders', async () => {
  let made: Awaited<ReturnType<typeof aQueued>> | undefined;
  const first = await heard(['build'], async () => void (made = await aQueued(store)));
  assert.ok(made !== undefined);
  const { lease, deployment } = made;
  assert.deepEqual(first, [`build ${deployment.id}`]);
  await store.deployments.claimBuild('builder', at(0), leaseMs);
  assert.deepEqual(await heard(['build'], () => store.deployments.update(lease, deployment.id, { state: 'queued' })), first);
});

test('reports are announced when there is something to write', async () => {
  const { deployment, lease } = await aQueued(store);
  const wish = (body: string, frozen = false) => heard(['comment'], () => store.reports.wishComment(lease.previewId, 1, body, { frozen }, at(0)));
  assert.deepEqual(await wish('a'), ['comment']);
  assert.deepEqual(await wish('a'), []);
  assert.deepEqual(await wish('b', true), ['comment']);
  assert.deepEqual(await wish('c'), []);
  const status = () => heard(['status'], () => store.reports.wishStatus(deployment.id, 'queued', at(0)));
  assert.deepEqual([await status(), await status()], [['status'], []]);
});

test('a delivery is announced when it is new', async () => {
  const delivery = { guid: 'g', event: 'push', body: '{}', receivedAt: at(0) };
  const add = () => heard(['delivery'], () => store.deliveries.add(delivery));
  assert.deepEqual([await add(), await add()], [['delivery', 'delivery after'], ['delivery after']]);
});

test('a listener that ended hears nothing, one that throws stops nobody', async () => {
  const seen: string[] = [];
  const endFirst = store.signals.on('build', () => {
    throw new Error('listener');
  });
  const endGone = store.signals.on('build', () => seen.push('gone'));
  endGone();
  assert.deepEqual(await heard(['build'], () => store.signals.send('build', "it's \"quoted\"")), ['build it\'s "quoted"']);
  endFirst();
  assert.deepEqual(seen, []);
});

test('a listener may ask the store', async () => {
  let answered = false;
  const end = store.signals.on('preview', () => void store.ping().then(() => (answered = true)));
  await store.signals.send('preview');
  await eventually('an answer', () => answered);
  end();
});
