import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { Lease, Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aClaim, aPreview, at, leaseMs, settle } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(() => settle(store));

test('a kick during a pass is done after it, though the pass wanted to rest', async () => {
  const { lease, preview } = await aClaim(store);
  await store.previews.kick(preview.id, { look: false }, at(5));
  assert.equal(await store.previews.claim('other', at(6), leaseMs), null);
  await store.previews.release(lease, { dueAt: at(60_000), failed: false, looked: true });
  assert.equal((await store.previews.claim('other', at(6), leaseMs))?.preview.id, preview.id);
});

test('without a kick the pass decides when it is due', async () => {
  const { lease } = await aClaim(store);
  await store.previews.release(lease, { dueAt: at(60_000), failed: false, looked: true });
  assert.deepEqual(await store.previews.nextDue(), at(60_000));
  const claim = await store.previews.claim('worker', at(60_000), leaseMs);
  assert.ok(claim !== null);
  await store.previews.release(claim.lease, { dueAt: null, failed: false, looked: true });
  assert.equal(await store.previews.nextDue(), null);
});

type Step =
  | { do: 'kick'; look: boolean }
  | { do: 'claim' }
  | { do: 'wait'; ms: number }
  | { do: 'release'; stale: boolean; restMs: number | null; failed: boolean; looked: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('kick' as const), look: fc.boolean() }),
  fc.record({ do: fc.constant('claim' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, leaseMs) }),
  fc.record({
    do: fc.constant('release' as const),
    stale: fc.boolean(),
    restMs: fc.constantFrom(null, 0, 50, 100_000),
    failed: fc.boolean(),
    looked: fc.boolean(),
  }),
);

/** What the port promises, said without counters: what was asked for since the pass began is owed after it. */
type Owed = { dueAt: number | null; look: boolean; attempts: number; since: { kicked: boolean; look: boolean }; held: { lease: Lease; until: number } | null };

test('whatever the order of kicks, claims, releases and ended leases, what was asked for is owed until a pass that began later', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), follow), { numRuns: 40 });
});

async function follow(steps: Step[]): Promise<void> {
  await settle(store);
  const { id } = await aPreview(store);
  const owed: Owed = { dueAt: null, look: false, attempts: 0, since: { kicked: false, look: false }, held: null };
  let now = 0;
  let stale: Lease | null = null;
  for (const one of steps) {
    if (one.do === 'wait') now += one.ms;
    if (one.do === 'kick') {
      await store.previews.kick(id, { look: one.look }, at(now));
      const waits = owed.held === null && owed.dueAt !== null && owed.dueAt <= now;
      if (!waits) owed.dueAt = now;
      owed.look ||= one.look;
      owed.since = { kicked: true, look: owed.since.look || one.look };
    }
    if (one.do === 'claim') {
      const claim = await store.previews.claim('worker', at(now), leaseMs);
      const claimable = owed.dueAt !== null && Math.max(owed.dueAt, owed.held?.until ?? 0) <= now;
      assert.equal(claim !== null, claimable);
      if (claim === null) continue;
      assert.deepEqual([claim.look, claim.attempts], [owed.look, owed.attempts]);
      stale = owed.held?.lease ?? stale;
      owed.held = { lease: claim.lease, until: now + leaseMs };
      owed.since = { kicked: false, look: false };
    }
    if (one.do === 'release') {
      const lease: Lease | null = one.stale ? stale : (owed.held?.lease ?? null);
      if (lease === null) continue;
      const rest = one.restMs === null ? null : now + one.restMs;
      await store.previews.release(lease, { dueAt: rest === null ? null : at(rest), failed: one.failed, looked: one.looked });
      if (one.stale) continue;
      if (!owed.since.kicked) owed.dueAt = rest;
      if (one.looked) owed.look = owed.since.look;
      owed.attempts = one.failed ? owed.attempts + 1 : 0;
      stale = lease;
      owed.held = null;
    }
    const next = owed.dueAt === null ? null : at(Math.max(owed.dueAt, owed.held?.until ?? 0));
    assert.deepEqual(await store.previews.nextDue(), next);
    if (owed.held !== null) assert.equal(await store.previews.holds(owed.held.lease), true);
    if (stale !== null) assert.equal(await store.previews.holds(stale), false);
  }
}

test('what all kicks since the last look said is known to the next one, and nothing when they said different things', async () => {
  const push = { sha: 'a'.repeat(40), pull: null };
  const pull = { sha: 'a'.repeat(40), pull: 3 };
  const table = [
    { kicks: [push], unless: push },
    { kicks: [push, push], unless: push },
    { kicks: [push, pull], unless: null },
    { kicks: [push, null], unless: null },
    { kicks: [null, push], unless: null },
    { kicks: [push, pull, pull], unless: null },
  ];
  for (const { kicks, unless } of table) {
    const { id } = await aPreview(store);
    for (const said of kicks) await store.previews.kick(id, { look: true, unless: said }, at(1));
    await store.previews.kick(id, { look: false }, at(1));
    const claim = await store.previews.claim('worker', at(2), leaseMs);
    assert.deepEqual([claim?.preview.id, claim?.look, claim?.unless], [id, true, unless], JSON.stringify(kicks));
    await store.previews.release(claim!.lease, { dueAt: null, failed: false, looked: true });
  }
});

test('what was said during a look stands alone after it, unless that look came to nothing', async () => {
  const said = { sha: 'b'.repeat(40), pull: 3 };
  for (const looked of [true, false]) {
    const { id } = await aPreview(store);
    await store.previews.kick(id, { look: true }, at(1));
    const first = await store.previews.claim('worker', at(2), leaseMs);
    await store.previews.kick(id, { look: true, unless: said }, at(3));
    await store.previews.release(first!.lease, { dueAt: null, failed: false, looked });
    const second = await store.previews.claim('worker', at(4), leaseMs);
    assert.deepEqual([second?.look, second?.unless], [true, looked ? said : null]);
    await store.previews.release(second!.lease, { dueAt: null, failed: false, looked: true });
    await store.previews.kick(id, { look: true }, at(5));
    const third = await store.previews.claim('worker', at(6), leaseMs);
    assert.deepEqual([third?.look, third?.unless], [true, null]);
    await store.previews.release(third!.lease, { dueAt: null, failed: false, looked: true });
  }
});

test('of a pass that never ended, nothing that was said counts', async () => {
  const { id } = await aPreview(store);
  await store.previews.kick(id, { look: true }, at(1));
  await store.previews.claim('dead', at(2), leaseMs);
  await store.previews.kick(id, { look: true, unless: { sha: 'c'.repeat(40), pull: null } }, at(3));
  const claim = await store.previews.claim('worker', at(leaseMs + 10), leaseMs);
  assert.deepEqual([claim?.preview.id, claim?.look, claim?.unless], [id, true, null]);
});
