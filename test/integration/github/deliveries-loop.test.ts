import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type DeliveriesLoopOptions, runDeliveries } from '../../../src/github/deliveries-loop.ts';
import type { Clock } from '../../../src/reconcile/ports/clock.ts';
import type { Delivery, Store } from '../../../src/reconcile/ports/store.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { capturedLog, realClock } from './support.ts';

/** Time that jumps: what would be waited for is over at once, and written down. */
function jumpingClock() {
  let ahead = 0;
  const waited: number[] = [];
  const clock: Clock = {
    now: () => new Date(Date.now() + ahead),
    async sleep(ms, signal) {
      if (ms >= 500 && ms < 30_000_000) {
        await realClock.sleep(5, signal);
        ahead += ms;
        waited.push(ms);
      } else await realClock.sleep(Math.min(ms, 1_000_000), signal);
    },
  };
  return { clock, waited };
}

describe('the loop over stored deliveries', () => {
  let store: Store;
  let closeStore: () => Promise<void>;
  let stop = new AbortController();
  let running: Promise<void> = Promise.resolve();

  before(async () => {
    ({ store, close: closeStore } = await testStore());
  });
  afterEach(async () => {
    stop.abort();
    await running;
    for (let left = await store.deliveries.claim(later(), 1); left; left = await store.deliveries.claim(later(), 1)) {
      await store.deliveries.finish(left.guid, 'handled', later());
    }
  });
  after(() => closeStore());

  const later = () => new Date(Date.now() + 86_400_000);

  function run(receive: (delivery: Delivery) => Promise<void>, options: Partial<DeliveriesLoopOptions> = {}) {
    stop = new AbortController();
    const { log, logged } = capturedLog();
    const common = { deliveries: store.deliveries, signals: store.signals, clock: realClock, log, signal: stop.signal, leaseMs: 60_000, limitMs: 30_000, maxAttempts: 6 };
    running = runDeliveries({ ...common, receive, ...options });
    return { logged };
  }

  async function add(event = 'push', payload: object = { n: 1 }): Promise<string> {
    const guid = randomUUID();
    await store.deliveries.add({ guid, event, body: JSON.stringify(payload), receivedAt: new Date() });
    return guid;
  }
  const waiting = async () => (await store.deliveries.nextDue()) !== null;

  it('hands over what waits, in the order in which it came, and what comes later at once', async () => {
    const seen: string[] = [];
    const first = [await add(), await add(), await add()];
    run(async ({ guid }) => void seen.push(guid), { width: 1, pollMs: 60_000 });
    await eventually('three', () => seen.length === 3);
    const since = performance.now();
    const next = await add();
    await eventually('the fourth', () => seen.length === 4, { every: 5 });
    assert.ok(performance.now() - since < 2_000);
    assert.deepEqual(seen, [...first, next]);
    await eventually('all finished', async () => !(await waiting()));
  });

  it('hands over the payload as it was sent', async () => {
    const seen: Delivery[] = [];
    const guid = await add('pull_request', { action: 'opened', title: 'ünï' });
    run(async (delivery) => void seen.push(delivery));
    await eventually('one', () => seen.length === 1);
    assert.deepEqual(seen, [{ guid, event: 'pull_request', payload: { action: 'opened', title: 'ünï' }, attempts: 0 }]);
  });

  it('does not let one that hangs or fails hold up the others', async () => {
    const seen: string[] = [];
    const hanging = await add();
    const failing = await add();
    const others = [await add(), await add(), await add()];
    let letGo = () => {};
    run(async ({ guid }) => {
      if (guid === hanging) await new Promise<void>((resolve) => (letGo = resolve));
      if (guid === failing) throw new Error('not this one');
      seen.push(guid);
    });
    await eventually('the others', () => seen.length === 3);
    assert.deepEqual(seen.toSorted(), others.toSorted());
    letGo();
    await eventually('the one that hung', () => seen.includes(hanging));
  });

  it('tries one that fails again with growing waits, then sets it aside with its reason', async () => {
    let tries = 0;
    const { clock, waited } = jumpingClock();
    const failed: [string, Date | null][] = [];
    const deliveries: DeliveriesLoopOptions['deliveries'] = {
      ...store.deliveries,
      async fail(id, error, retryAt) {
        failed.push([error, retryAt]);
        await store.deliveries.fail(id, error, retryAt);
      },
    };
    await add();
    const { logged } = run(
      async () => {
        tries += 1;
        throw new AggregateError([new Error('the store\nis away')]);
      },
      { clock, deliveries, pollMs: 700_000, leaseMs: 200_000_000 },
    );
    await eventually('it is set aside', () => failed.at(-1)?.[1] === null);
    assert.equal(tries, 6);
    assert.deepEqual(failed.map(([reason]) => reason), Array.from({ length: 6 }, () => 'the store is away'));
    const rounded = waited.map((ms) => Math.round(ms / 1_000));
    assert.deepEqual(rounded.slice(0, 5), [1, 5, 30, 120, 600]);
    assert.equal(await waiting(), false);
    assert.match(logged(), /set aside/);
  });

  it('hands little on while webhooks are being stored, and all of it afterwards', async () => {
    const seen: string[] = [];
    for (let count = 0; count < 20; count += 1) await add();
    const storing = { now: 1 };
    run(async ({ guid }) => void seen.push(guid), { storing, yieldMs: 200 });
    await eventually('one is handed on all the same', () => seen.length > 0);
    await delay(500);
    assert.ok(seen.length < 6, `${seen.length} in half a second`);
    storing.now = 0;
    await eventually('the rest', () => seen.length === 20, { within: 2_000 });
  });

  it('ignores what nothing handles', async () => {
    const seen: string[] = [];
    await add('star', { action: 'created' });
    await add('pull_request', { action: 'assigned' });
    run(async ({ guid }) => void seen.push(guid));
    await eventually('both finished', async () => !(await waiting()));
    assert.deepEqual(seen, []);
  });

  it('counts handlers that take longer than their limit as failed', async () => {
    const failed: string[] = [];
    const deliveries = { ...store.deliveries, fail: async (_guid: string, error: string) => void failed.push(error) };
    await add();
    run(() => new Promise(() => undefined), { limitMs: 100, deliveries });
    assert.equal(await eventually('the failure', () => failed[0]), 'its handlers took longer than 100 ms');
  });

  it('keeps what is in hand longer than its lease from everybody else, who take it once nobody keeps it', async () => {
    const [inHand, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const guid = await add();
    run(() => (inHand.resolve(), letGo.promise), { leaseMs: 150 });
    await inHand.promise;
    for (let turn = 0; turn < 10; turn += 1) {
      await delay(50);
      assert.equal(await store.deliveries.claim(new Date(), 1), null);
    }
    letGo.resolve();
    await eventually('it is finished', async () => !(await waiting()));
    assert.equal((await store.deliveries.known([guid])).has(guid), true);
    stop.abort();
    await running;
    // One of us that died in the middle of it keeps nothing.
    const next = await add();
    assert.equal((await store.deliveries.claim(new Date(), 150))?.guid, next);
    await delay(160);
    assert.equal((await store.deliveries.claim(new Date(), 1))?.guid, next);
  });

  it('sets one aside, untried, that never came to an end in any of its tries', async () => {
    const guid = await add();
    for (let i = 0; i < 3; i += 1) assert.equal((await store.deliveries.claim(later(), -86_400_000))?.guid, guid);
    const seen: string[] = [];
    const { logged } = run(async (delivery) => void seen.push(delivery.guid), { maxAttempts: 3 });
    await eventually('it is set aside', async () => !(await waiting()));
    assert.deepEqual(seen, []);
    assert.match(logged(), /without an end/);
  });

  it('goes on when the ledger did not answer for a while', async () => {
    let troubles = 2;
    const seen: string[] = [];
    const { clock } = jumpingClock();
    const deliveries: DeliveriesLoopOptions['deliveries'] = {
      ...store.deliveries,
      async claim(now, leaseMs) {
        if (troubles-- > 0) throw new Error('the database is away');
        return store.deliveries.claim(now, leaseMs);
      },
    };
    await add();
    const { logged } = run(async ({ guid }) => void seen.push(guid), { deliveries, clock, leaseMs: 200_000_000 });
    await eventually('it is handled', () => seen.length === 1);
    assert.equal(logged().match(/does not answer/g)?.length, 2);
  });

  it('finishes the one in hand when it is stopped, and takes no other', async () => {
    const seen: string[] = [];
    const inHand: (() => void)[] = [];
    const first = await add();
    run(
      async ({ guid }) => {
        await new Promise<void>((resolve) => inHand.push(resolve));
        seen.push(guid);
      },
      { width: 1 },
    );
    const second = await add();
    const letGo = await eventually('it is in hand', () => inHand[0]);
    stop.abort();
    letGo();
    await running;
    assert.deepEqual(seen, [first]);
    assert.equal((await store.deliveries.claim(new Date(), 1_000))?.guid, second);
  });

  it('gives back the one in hand when it takes too long to stop', async () => {
    const guid = await add();
    let taken = false;
    run(
      () => {
        taken = true;
        return new Promise(() => undefined);
      },
      { graceMs: 50 },
    );
    await eventually('it is in hand', () => taken);
    stop.abort();
    const since = performance.now();
    await running;
    assert.ok(performance.now() - since < 2_000);
    assert.equal((await store.deliveries.claim(new Date(), 1_000))?.guid, guid);
  });
});
