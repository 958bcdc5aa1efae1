import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { RepositorySnapshot } from '../../../src/demo/github/index.ts';
import { fetchMissedDeliveries } from '../../../src/github/redelivery.ts';
import type { Clock } from '../../../src/reconcile/ports/clock.ts';
import type { Delivery, Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { capturedLog, type Partner, project, realClock, startPartner } from './support.ts';

describe('webhooks that were missed', () => {
  let partner: Partner;
  let store: Store;
  let closeStore: () => Promise<void>;
  let repository: RepositorySnapshot;
  let account = 0;

  before(async () => {
    partner = await startPartner({ timeoutMs: 1_000 });
    ({ store, close: closeStore } = await testStore());
  });
  after(async () => {
    await partner.close();
    await closeStore();
  });
  beforeEach(async () => {
    account += 1;
    ({ repository } = await project(partner.local, `missed-${account}`));
    await cameByHttp();
  });
  afterEach(() => partner.local.intercept(undefined));

  /** Everything that was sent so far came in and was handled. */
  async function cameByHttp() {
    await partner.local.delivered();
    for (const { guid, event, payload, at } of partner.local.deliveries()) {
      await store.deliveries.add({ guid, event, body: JSON.stringify(payload), receivedAt: at });
    }
    await waiting();
  }

  /** What waits in the ledger, in the order in which it would be run; none of it waits afterwards. */
  async function waiting(): Promise<Delivery[]> {
    const found: Delivery[] = [];
    for (let next = await claim(); next !== null; next = await claim()) {
      found.push(next);
      await store.deliveries.finish(next.guid, 'handled', new Date());
    }
    return found;
  }
  const claim = () => store.deliveries.claim(new Date(), 60_000);

  async function run(options: { deliveries?: Partial<Store['deliveries']>; clock?: Clock; stop?: AbortSignal } = {}) {
    const { clock = realClock, stop = AbortSignal.timeout(20_000) } = options;
    const { log, logged } = capturedLog();
    const deliveries = { ...store.deliveries, ...options.deliveries };
    await fetchMissedDeliveries({ appOctokit: partner.github.appOctokit, deliveries, clock, log, signal: stop });
    return logged();
  }

  const sent = (since: number) => partner.local.deliveries().slice(since);
  const asked = (path: string) => partner.local.requests().filter((request) => request.path === path).length;
  const commits = async (count: number) => {
    const before = partner.local.deliveries().length;
    for (let at = 0; at < count; at += 1) await partner.local.commit({ repository, branch: 'main', files: { a: `${account} ${at}` } });
    await partner.local.delivered();
    return sent(before);
  };

  it('are stored as they were sent, in the order in which they were sent, and no second time', async () => {
    const before = partner.local.deliveries().length;
    await partner.local.commit({ repository, branch: 'ünï', from: 'main', files: { a: '1' } });
    const { number } = await partner.local.openPullRequest({ repository, head: 'ünï', title: 'Ünïcode \0 and "quotes"' });
    await partner.local.closePullRequest({ repository, number });
    await partner.local.delivered();

    const logged = await run();
    const found = await waiting();
    assert.deepEqual(found.map(({ guid, event, payload }) => [guid, event, payload]), sent(before).map(({ guid, event, payload }) => [guid, event, payload]));
    assert.deepEqual(found.map(({ event }) => event), ['create', 'push', 'pull_request', 'pull_request']);
    assert.match(logged, /"stored":4,"lost":0/);
    assert.doesNotMatch(logged, /eyJ|ghs_|BEGIN/);

    const fetched = asked('/app/hook/deliveries/{delivery_id}');
    assert.match(await run(), /"stored":0,"lost":0/);
    assert.equal(asked('/app/hook/deliveries/{delivery_id}'), fetched);
    assert.deepEqual(await waiting(), []);
  });

  it('are found beyond one page', async () => {
    const before = partner.local.deliveries().length;
    for (let at = 0; at < 230; at += 1) partner.local.renameRepository(repository, `name-${at}`);
    await partner.local.delivered();
    const many = sent(before);
    const pages = asked('/app/hook/deliveries');
    await run();
    const found = await waiting();
    assert.deepEqual(found.map(({ guid }) => guid), many.map(({ guid }) => guid));
    assert.equal(found.length, 230);
    assert.ok(asked('/app/hook/deliveries') - pages >= 3);
  });

  it('are none for a ledger that has seen nothing: the first sweep sees all there is', async () => {
    const empty = await testStore();
    try {
      await commits(1);
      const lists = asked('/app/hook/deliveries');
      assert.match(await run({ deliveries: empty.store.deliveries }), /"stored":0/);
      assert.equal(asked('/app/hook/deliveries'), lists);
    } finally {
      await empty.close();
    }
  });

  it('are run once when one comes by HTTP while it is fetched, and when two programs fetch at once', async () => {
    const [one, two] = await commits(2);
    const add: Store['deliveries']['add'] = async (delivery) => {
      if (delivery.guid === one!.guid) await store.deliveries.add({ ...delivery, receivedAt: new Date() });
      return store.deliveries.add(delivery);
    };
    await Promise.all([run({ deliveries: { add } }), run()]);
    assert.deepEqual((await waiting()).map(({ guid }) => guid).toSorted(), [one!.guid, two!.guid].toSorted());
  });

  it('are fetched in another try where GitHub gave no clear answer, and that one does not stop the rest', async () => {
    const [one, two, three] = await commits(3);
    let troubles = 2;
    partner.local.intercept(({ path }) => (path.endsWith(`/${two!.id}`) && troubles-- > 0 ? { status: 502, body: '<html>' } : undefined));
    const waits: number[] = [];
    const ran: string[][] = [];
    const clock: Clock = {
      now: realClock.now,
      async sleep(ms) {
        waits.push(ms);
        ran.push((await waiting()).map(({ guid }) => guid));
      },
    };
    const logged = await run({ clock });
    ran.push((await waiting()).map(({ guid }) => guid));
    assert.deepEqual(ran, [[one!.guid, three!.guid], [], [two!.guid]]);
    assert.deepEqual(waits, [5_000, 15_000]);
    assert.equal(logged.match(/it is tried again, and the sweep/g)?.length, 1);
  });

  it('are asked for again with growing waits while the list cannot be read, and given up in the end', async () => {
    await commits(1);
    for (const fault of [{ status: 500 }, { status: 403, body: { message: 'Forbidden' } }, 'drop' as const, { status: 200, body: {} }]) {
      partner.local.intercept(({ path }) => (path === '/app/hook/deliveries' ? fault : undefined));
      const waits: number[] = [];
      const logged = await run({ clock: { now: realClock.now, sleep: async (ms) => void waits.push(ms) } });
      assert.deepEqual(waits.slice(0, 6), [5_000, 15_000, 60_000, 300_000, 900_000, 900_000]);
      assert.equal(waits.length, 16);
      assert.equal(logged.match(/"level":40/g)?.length, 2, 'once at first, once when it is given up');
      assert.match(logged, /left to the sweep/);
    }
    assert.deepEqual(await waiting(), []);
  });

  it('that GitHub no longer has, or has without what was sent, are left to the sweep', async () => {
    const [one, two, three] = await commits(3);
    partner.local.intercept(({ path }) => {
      if (path.endsWith(`/${one!.id}`)) return { status: 404, body: { message: 'Not Found' } };
      const { guid, event } = two!;
      return path.endsWith(`/${two!.id}`) ? { status: 200, body: { guid, event, request: { headers: null, payload: null } } } : undefined;
    });
    const logged = await run();
    assert.deepEqual((await waiting()).map(({ guid }) => guid), [three!.guid]);
    assert.match(logged, /"stored":1,"lost":2/);
    assert.doesNotMatch(logged, /tried again, and the sweep/);
  });

  it('that are listed in no shape that GitHub describes do not stop the others', async () => {
    const [one] = await commits(1);
    const { id, guid, event, at } = one!;
    const listed = [null, { id: 'x' }, { id, guid: '../../x', event, action: null, delivered_at: at.toISOString() }, { id, guid, event, action: null, delivered_at: at.toISOString() }];
    partner.local.intercept(({ path }) => (path === '/app/hook/deliveries' ? { status: 200, body: listed } : undefined));
    const logged = await run();
    assert.deepEqual((await waiting()).map((delivery) => delivery.guid), [guid]);
    assert.match(logged, /"unread":3/);
  });

  it('are not waited for when the program stops', async () => {
    await commits(1);
    partner.local.intercept(({ path }) => (path === '/app/hook/deliveries' ? { status: 500 } : undefined));
    const stop = new AbortController();
    const running = run({ stop: stop.signal });
    const since = performance.now();
    setTimeout(() => stop.abort(), 200);
    await running;
    assert.ok(performance.now() - since < 2_000);
  });
});
