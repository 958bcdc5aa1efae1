import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { sha } from '../../support/fakes/reconciler.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { changes, type Did, startWorkers } from '../../support/workers/workers.ts';

let postgres: PostgresServer;
before(async () => {
  postgres = await startPostgres({ durable: false });
});
after(() => postgres.close());

type Workers = Awaited<ReturnType<typeof startWorkers>>;

/** For the length of a test, on a database of their own. */
async function startAll(context: TestContext, names: readonly string[]): Promise<Workers> {
  const workers = await startWorkers(await postgres.createDatabase(), names);
  context.after(() => workers.close());
  await workers.world.sighted();
  return workers;
}

describe('several workers on one Postgres', { concurrency: 3 }, () => {
  test('never act on the same preview at once, whatever comes; each of them works, and all previews get where they should be', async (context) => {
    const workers = await startAll(context, ['one', 'two', 'three']);
    const branches = ['a', 'b', 'c', 'd', 'e', 'f'];
    const heads = new Map<string, string>();
    const push = async (branch: string) => {
      heads.set(branch, Array.from({ length: 40 }, hex).join(''));
      await workers.world.push(branch, heads.get(branch)!);
    };
    await Promise.all(branches.map(push));
    const until = performance.now() + 5_000;
    while (performance.now() < until) {
      const [preview] = (await workers.store.previews.all()).toSorted(() => Math.random() - 0.5);
      await workers.store.previews.kick(preview!.id, { look: Math.random() < 0.3 }, workers.world.clock.now());
      if (Math.random() < 0.05) await workers.store.previews.kickAll({ look: false }, workers.world.clock.now());
      if (Math.random() < 0.1) await push(branches[Math.floor(Math.random() * branches.length)]!);
      await delay(Math.random() * 20);
    }
    for (const branch of branches) await untilLive(workers, branch, heads.get(branch)!);

    assert.deepEqual(overlapping(workers.did.filter(isChange)), []);
    assert.deepEqual(leasesAtOnce(workers), []);
    for (const worker of ['one', 'two', 'three']) assert.ok(leasesOf(workers, worker) >= 10, `${worker} had ${leasesOf(workers, worker)} leases`);
    const numbers = workers.leases.filter(({ kind }) => kind === 'claimed').map(({ previewId, leaseNo }) => `${previewId}: ${leaseNo}`);
    assert.equal(new Set(numbers).size, numbers.length);
  });

  const moments = [
    { name: 'looks at the engine', what: 'engine.things' },
    { name: 'asks GitHub', what: 'codeHost.look' },
    { name: 'holds the host', what: 'edge.writeHold' },
    { name: 'creates a container', what: 'engine.createContainer' },
    { name: 'starts a container', what: 'engine.startContainer' },
    { name: 'builds', what: 'builder.build' },
  ];
  for (const { name, what } of moments) {
    test(`one that is suspended beyond its lease while it ${name} changes nothing when it goes on`, async (context) => {
      const workers = await startAll(context, ['one', 'two']);
      const suspended = suspendAt(workers, what);
      await workers.world.push('a', sha('a'));
      const worker = await suspended;
      await untilLive(workers, 'a', sha('a'));
      const { id, liveDeploymentId } = await workers.world.preview('a');
      const rows = await workers.store.deployments.ofPreview(id);
      const others = workers.did.length;
      const had = leasesOf(workers, worker);

      workers.processOf(worker).kill('SIGCONT');
      await workers.world.push('z', sha('b'));
      await untilLive(workers, 'z', sha('b'));
      await eventually('it works again', async () => {
        await workers.store.previews.kickAll({ look: false }, workers.world.clock.now());
        return leasesOf(workers, worker) > had;
      });
      assert.deepEqual(workers.did.slice(others).filter((did) => isChange(did) && did.branch === 'a'), []);
      assert.equal((await workers.world.preview('a')).liveDeploymentId, liveDeploymentId);
      assert.deepEqual(await workers.store.deployments.ofPreview(id), rows);
      assert.partialDeepStrictEqual(await workers.world.answers('a'), { kind: 'answer', status: 200, deploymentId: liveDeploymentId, holdId: null, gateState: null });
      assert.deepEqual(overlapping(workers.did.filter((did) => isChange(did) && did.worker !== worker)), []);
    });
  }
});

const hex = () => '0123456789abcdef'[Math.floor(Math.random() * 16)]!;
const isChange = ({ what }: Did) => changes.has(what.split('.')[1]!);
const leasesOf = (workers: Workers, worker: string) => workers.leases.filter((lease) => lease.worker === worker && lease.kind === 'claimed').length;

/** Stops (SIGSTOP) the first worker that asks this of the world; what it asked for is done, and it hears of it when it goes on. Resolves with its name. */
function suspendAt(workers: Workers, what: string): Promise<string> {
  return new Promise((resolve) => {
    workers.hooks.after = (did) => {
      if (did.what !== what) return;
      workers.hooks.after = () => undefined;
      workers.processOf(did.worker).kill('SIGSTOP');
      resolve(did.worker);
    };
  });
}

/** Waits until the preview of a branch runs this commit and all that is to be told of it is written. A worker that is suspended keeps it waiting for its lease, 5.5 s here. */
async function untilLive(workers: Workers, branch: string, head: string): Promise<void> {
  await eventually(
    `${branch} runs ${head.slice(0, 7)}`,
    async () => {
      const { state, liveDeploymentId } = await workers.world.preview(branch);
      const live = liveDeploymentId === null ? null : await workers.store.deployments.byId(liveDeploymentId);
      if (state === 'running' && live?.sha === head && live.wishedStatus === 'success') return true;
      throw new Error(`it is ${state} with ${live?.sha}, to be told as ${live?.wishedStatus}`);
    },
    { within: 30_000 },
  );
}

/** Pairs of things that two workers did to one preview at the same time. */
function overlapping(all: Did[]): [Did, Did][] {
  return all.flatMap((one, at) =>
    all
      .slice(at + 1)
      .filter((other) => other.branch !== null && other.branch === one.branch && other.worker !== one.worker && other.begin < (one.end ?? Infinity))
      .map((other): [Did, Did] => [one, other]),
  );
}

/** Leases that began before the one before them was given back. */
function leasesAtOnce(workers: Workers): string[] {
  const sorted = workers.leases.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const held = new Map<number, number>();
  const wrong: string[] = [];
  for (const { kind, previewId, leaseNo, worker } of sorted) {
    const before = held.get(previewId);
    if (kind === 'claimed' && before !== undefined) wrong.push(`${worker} got ${leaseNo} of ${previewId} while ${before} was held`);
    if (kind === 'claimed') held.set(previewId, leaseNo);
    else if (before === leaseNo) held.delete(previewId);
  }
  return wrong;
}
