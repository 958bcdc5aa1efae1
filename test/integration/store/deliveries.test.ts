import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { at, leaseMs, unique } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(async () => {
  for (;;) {
    const left = await store.deliveries.claim(at(1e9), 1);
    if (left === null) return;
    await store.deliveries.finish(left.guid, 'handled', at(0));
  }
});

async function added(receivedMs = 0, body = '{"ref":"refs/heads/main"}'): Promise<string> {
  const guid = `guid-${unique()}`;
  assert.equal(await store.deliveries.add({ guid, event: 'push', body, receivedAt: at(receivedMs) }), 'new');
  return guid;
}

test('a GUID is stored once, also after it was handled', async () => {
  const guid = await added();
  const again = { guid, event: 'push', body: '{"other":true}', receivedAt: at(1) };
  assert.equal(await store.deliveries.add(again), 'seen');
  assert.deepEqual((await store.deliveries.claim(at(1), leaseMs))?.payload, { ref: 'refs/heads/main' });
  await store.deliveries.finish(guid, 'handled', at(2));
  assert.equal(await store.deliveries.add(again), 'seen');
  assert.equal(await store.deliveries.nextDue(), null);
});

test('of twenty that add the same GUID at once, one is new', async () => {
  const guid = `guid-${unique()}`;
  const delivery = { guid, event: 'push', body: '{}', receivedAt: at(0) };
  const results = await Promise.all(Array.from({ length: 20 }, () => store.deliveries.add(delivery)));
  assert.equal(results.filter((result) => result === 'new').length, 1);
});

test('they are claimed in the order in which they came', async () => {
  const second = await added(5);
  const first = await added(4);
  const third = await added(5);
  const claimed: (string | undefined)[] = [];
  for (let n = 0; n < 4; n += 1) claimed.push((await store.deliveries.claim(at(10), leaseMs))?.guid);
  assert.deepEqual(claimed, [first, second, third, undefined]);
});

test('of twenty that claim at once each one is given to one', async () => {
  const guids = [await added(), await added(), await added()];
  const claimed = await Promise.all(Array.from({ length: 20 }, () => store.deliveries.claim(at(10), leaseMs)));
  assert.deepEqual(claimed.flatMap((one) => one?.guid ?? []).sort(), guids.sort());
});

test('one that nobody finished comes again when its lease ends, and counts as tried', async () => {
  const guid = await added();
  assert.equal((await store.deliveries.claim(at(0), leaseMs))?.attempts, 0);
  assert.equal(await store.deliveries.claim(at(leaseMs - 1), leaseMs), null);
  assert.deepEqual(await store.deliveries.nextDue(), at(leaseMs));
  const again = await store.deliveries.claim(at(leaseMs), leaseMs);
  assert.deepEqual([again?.guid, again?.attempts], [guid, 1]);
});

test('a failed one waits for its time, and is set aside for good without one', async () => {
  const guid = await added();
  await store.deliveries.claim(at(0), leaseMs);
  await store.deliveries.fail(guid, 'GitHub was down', at(500));
  assert.deepEqual(await store.deliveries.nextDue(), at(500));
  assert.equal(await store.deliveries.claim(at(499), leaseMs), null);
  assert.equal((await store.deliveries.claim(at(500), leaseMs))?.attempts, 1);
  await store.deliveries.fail(guid, 'again', null);
  assert.equal(await store.deliveries.claim(at(1e8), leaseMs), null);
  assert.equal(await store.deliveries.nextDue(), null);
});

test('a handled one is not brought back by a late failure', async () => {
  const guid = await added();
  await store.deliveries.claim(at(0), leaseMs);
  await store.deliveries.finish(guid, 'ignored', at(1));
  await store.deliveries.fail(guid, 'late', at(2));
  assert.equal(await store.deliveries.claim(at(1e8), leaseMs), null);
});

test('a body that is not JSON is set aside and does not stop the next one', async () => {
  await added(0, 'payload=%7B%7D');
  const good = await added(1);
  assert.equal((await store.deliveries.claim(at(2), leaseMs))?.guid, good);
});

test('a body comes back as it was, NUL and all', async () => {
  const payload = { title: 'a\0b', emoji: '🚀', half: '\ud800' };
  await added(0, JSON.stringify(payload));
  assert.deepEqual((await store.deliveries.claim(at(0), leaseMs))?.payload, payload);
});

test('the ledger tells which GUIDs it knows, in whatever state they are, and when its first one came', async () => {
  const { store: empty, close } = await testStore();
  try {
    assert.equal(await empty.deliveries.firstReceivedAt(), null);
    assert.deepEqual([...(await empty.deliveries.known(['a', 'b']))], []);
    for (const [guid, ms] of [['b', 5], ['a', 3], ['c', 9]] as const) await empty.deliveries.add({ guid, event: 'push', body: '{}', receivedAt: at(ms) });
    await empty.deliveries.finish('a', 'ignored', at(10));
    await empty.deliveries.fail('b', 'broken', null);
    assert.deepEqual([...(await empty.deliveries.known(['a', 'b', 'c', 'd', "'"]))].toSorted(), ['a', 'b', 'c']);
    assert.deepEqual([...(await empty.deliveries.known([]))], []);
    assert.deepEqual(await empty.deliveries.firstReceivedAt(), at(3));
  } finally {
    await close();
  }
});

test('what came before a time and waits no more is dropped; what waits stays, however old', async () => {
  const handled = await added(1_000);
  const aside = await added(1_000);
  const waits = await added(1_000);
  const later = await added(3_000);
  for (const guid of [handled, later]) await store.deliveries.finish(guid, 'handled', at(4_000));
  await store.deliveries.fail(aside, 'it failed again and again', null);
  assert.ok((await store.deliveries.forget(at(2_000))) >= 2);
  assert.equal(await store.deliveries.forget(at(2_000)), 0);
  assert.deepEqual([...(await store.deliveries.known([handled, aside, waits, later]))].sort(), [waits, later].sort());
});
