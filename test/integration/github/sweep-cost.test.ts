import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { look } from '../../../src/reconcile/look.ts';
import { fakeReconciler } from '../../support/fakes/reconciler.ts';
import { type Partner, soon, startPartner, withFault } from './support.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;

/** Repositories of one account, each with an open pull request, all of them known and looked at; GitHub is the local one, over HTTP. */
async function known(partner: Partner, world: World, owner: string, count: number) {
  const { local } = partner;
  local.createAccount({ login: owner, type: 'Organization' });
  local.install({ account: owner });
  const repositories = [];
  for (let i = 0; i < count; i += 1) {
    const repository = await local.createRepository({ owner, name: `shop-${i}`, files: { 'README.md': 'a shop\n' } });
    await local.commit({ repository, branch: 'x', from: 'main', files: { a: String(i) } });
    repositories.push({ repository, pull: await local.openPullRequest({ repository, head: 'x' }) });
  }
  await settle(world);
  return repositories;
}

/** One sweep, and the looks that it kicked. */
async function settle({ deps, store, clock }: World) {
  const swept = await sweep(deps, AbortSignal.timeout(120_000));
  let looks = 0;
  for (let claimed; (claimed = await store.previews.claim('me', clock.now(), 60_000)) !== null; ) {
    if (claimed.look) looks += 1;
    const { lease, looked } = await look(deps, claimed, soon());
    await store.previews.release(lease, { failed: false, dueAt: new Date(clock.now().getTime() + 3_600_000), looked });
  }
  return { ...swept, looks };
}

/** What is wanted of each branch, by repository. */
const wants = async ({ store }: World) => Object.fromEntries((await store.previews.all()).map(({ project, wanted }) => [project.name, wanted.sha ?? wanted.reason]));

describe('a sweep over the local GitHub', () => {
  let partner: Partner;
  let world: World;
  beforeEach(async () => {
    partner = await startPartner();
    world = await fakeReconciler({ maxPreviews: 1_000 });
    world.deps.codeHost = partner.codeHost;
  });
  afterEach(async () => {
    await world.close();
    await partner.close();
  });

  it('of 200 repositories with previews asks for lists only, 41 counted requests at most when nothing is new', async () => {
    await known(partner, world, 'many', 200);
    await settle(world);
    const before = partner.local.requests().length;
    const { looked, looks, cost, problems } = await settle(world);
    assert.deepEqual([looked, looks, problems], [200, 0, []]);
    assert.equal(cost.requests, 403, 'the installations, two pages of repositories, then heads and pull requests of each');
    assert.equal(partner.local.requests().length - before, cost.requests, 'it says what it asked');
    assert.ok(cost.requests - cost.free <= 41, `${cost.requests - cost.free} counted requests`);
  });

  it('finds a lost push, a lost close and a lost deletion at once, and looks at nothing else', async () => {
    const { local } = partner;
    const [pushed, closed, deleted] = await known(partner, world, 'lossy', 5);
    await settle(world);
    const sha = await local.commit({ repository: pushed!.repository, branch: 'x', files: { a: 'new' } });
    await local.closePullRequest({ repository: closed!.repository, number: closed!.pull.number });
    await local.deleteBranch({ repository: deleted!.repository, branch: 'x' });
    const { looks } = await settle(world);
    const { 'shop-0': first, 'shop-1': second, 'shop-2': third } = await wants(world);
    assert.deepEqual([looks, first, second, third], [3, sha, 'pull-request-closed', 'branch-deleted']);
  });

  for (const [name, path, body] of [
    ['branches', /\/branches$/, []],
    ['open pull requests', /\/pulls$/, []],
    ['repositories', /\/installation\/repositories$/, { total_count: 0, repositories: [] }],
    ['installations', /\/app\/installations$/, []],
  ] as const) {
    it(`removes nothing when the list of ${name} is empty by mistake`, async () => {
      await known(partner, world, 'wrong', 3);
      const before = await wants(world);
      assert.match(String(before['shop-0']), /^[0-9a-f]{40}$/);
      await withFault(partner.local, { method: 'GET', path }, { status: 200, body }, () => settle(world));
      assert.deepEqual(await wants(world), before);
    });
  }
});
