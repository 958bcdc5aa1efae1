import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { at } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());

const facts = { repositoryId: 9_007_199_254_740_991, installationId: 3, owner: 'acme', name: 'shop', private: true, defaultBranch: 'main' };

test('ids are small and without gaps, however often a project is seen', async () => {
  const first = await store.projects.ensure(facts, at(0));
  for (let n = 1; n <= 5; n += 1) await store.projects.ensure({ ...facts, name: `shop-${n}` }, at(n));
  const second = await store.projects.ensure({ ...facts, repositoryId: 2 }, at(9));
  assert.deepEqual([first.id, second.id], [1, 2]);
});

test('twenty at once make one project', async () => {
  const seen = await Promise.all(Array.from({ length: 20 }, () => store.projects.ensure({ ...facts, repositoryId: 77 }, at(0))));
  assert.equal(new Set(seen.map(({ id }) => id)).size, 1);
});

test('it follows a rename, a transfer and a change of visibility', async () => {
  const before = await store.projects.ensure({ ...facts, repositoryId: 5 }, at(0));
  const moved = { repositoryId: 5, installationId: 4, owner: 'other', name: 'store', private: false, defaultBranch: 'trunk' };
  await store.projects.ensure(moved, at(1));
  assert.deepEqual(await store.projects.byRepositoryId(5), { id: before.id, ...moved, sighted: false });
});

test('the first to record the heads of first sight wins', async () => {
  const project = await store.projects.ensure({ ...facts, repositoryId: 6 }, at(0));
  const heads = Array.from({ length: 3_000 }, (_, n) => ({ branch: `branch-${n}`, sha: `sha-${n}` }));
  assert.equal(await store.projects.sight(project.id, heads, at(1)), true);
  assert.equal(await store.projects.sight(project.id, [{ branch: 'late', sha: 'x' }], at(1)), false);
  assert.equal(await store.projects.firstHead(project.id, 'branch-2999'), 'sha-2999');
  assert.equal(await store.projects.firstHead(project.id, 'late'), null);
  assert.equal((await store.projects.all()).find(({ id }) => id === project.id)?.sighted, true);
});

test('of twenty that record them at once, one wins', async () => {
  const project = await store.projects.ensure({ ...facts, repositoryId: 8 }, at(0));
  const asked = Array.from({ length: 20 }, (_, n) => store.projects.sight(project.id, [{ branch: 'main', sha: `${n}` }], at(1)));
  const won = await Promise.all(asked);
  assert.deepEqual(won.flatMap((one, n) => (one ? [`${n}`] : [])), [await store.projects.firstHead(project.id, 'main')]);
});

test('an unknown repository is nothing', async () => {
  assert.equal(await store.projects.byRepositoryId(123_456), null);
});

test('numbers of projects follow one another, however many are made at once', async () => {
  const last = Math.max(0, ...(await store.projects.all()).map(({ id }) => id));
  const asked = Array.from({ length: 20 }, (_, n) => store.projects.ensure({ ...facts, repositoryId: 5_000 + Math.floor(n / 2) }, at(0)));
  const ids = new Set((await Promise.all(asked)).map(({ id }) => id));
  assert.deepEqual([...ids].toSorted((a, b) => a - b), Array.from({ length: 10 }, (_, n) => last + 1 + n));
});
