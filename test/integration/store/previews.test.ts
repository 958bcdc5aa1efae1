import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { hostLabels } from '../../../src/domain/host.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { PreviewRef } from '../../../src/domain/preview.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { testStore } from '../../support/store.ts';
import { aPreview, aProject, at, leaseMs, settle } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(() => settle(store));

const branch = (name: string): PreviewRef => ({ kind: 'branch', name });

test('a new preview wants nothing and is not due', async () => {
  const project = await aProject(store);
  const ref: PreviewRef = { kind: 'pull', number: 12 };
  const preview = await store.previews.ensure(project.id, ref, hostLabels(project.id, ref), at(0));
  assert.deepEqual(preview, {
    id: preview.id,
    project,
    ref,
    hostLabel: `project-${project.id}-pr-12`,
    wanted: { run: 'nothing', sha: null, reason: 'first-sight', asleepBecause: null },
    generation: 0,
    state: 'removed',
    will: { removedSha: null, asleepSha: null, asleepBy: 'person', expiredSha: null, leftOutSha: null },
    room: 'none',
    redeployNo: 0,
    pulls: [],
    liveDeploymentId: null,
    crashCount: 0,
    lastCrashAt: null,
    setAside: null,
  });
  assert.equal(await store.previews.claim('worker', at(1e8), leaseMs), null);
});

test('feature/a and feature-a get hosts of their own, and keep them', async () => {
  const project = await aProject(store);
  const ensure = (name: string) => store.previews.ensure(project.id, branch(name), hostLabels(project.id, branch(name)), at(0));
  const [slash, dash] = [await ensure('feature/a'), await ensure('feature-a')];
  assert.equal(slash.hostLabel, `project-${project.id}-feature-a`);
  assert.match(dash.hostLabel, new RegExp(`^project-${project.id}-feature-a-[0-9a-f]{8}$`));
  assert.deepEqual([await ensure('feature/a'), await ensure('feature-a')], [slash, dash]);
  assert.equal((await store.previews.byHostLabel(dash.hostLabel))?.id, dash.id);
});

test('twenty that ask at once, for two branches of one slug, make two previews', async () => {
  const project = await aProject(store);
  const asked = Array.from({ length: 20 }, (_, n) => {
    const ref = branch(n % 2 === 0 ? 'fix/x' : 'fix-x');
    return store.previews.ensure(project.id, ref, hostLabels(project.id, ref), at(0));
  });
  const made = await Promise.all(asked);
  assert.equal(new Set(made.map(({ id }) => id)).size, 2);
  assert.equal(new Set(made.map(({ hostLabel }) => hostLabel)).size, 2);
});

test('a branch named 7 and pull request 7 are two previews', async () => {
  const project = await aProject(store);
  const refs: PreviewRef[] = [branch('7'), { kind: 'pull', number: 7 }];
  for (const ref of refs) await store.previews.ensure(project.id, ref, hostLabels(project.id, ref), at(0));
  assert.deepEqual(await Promise.all(refs.map(async (ref) => (await store.previews.byRef(project.id, ref))?.ref)), refs);
});

test('with no free host left it says so', async () => {
  const project = await aProject(store);
  await store.previews.ensure(project.id, branch('a'), ['taken'], at(0));
  await assert.rejects(
    store.previews.ensure(project.id, branch('b'), ['taken'], at(0)),
    (error) => error instanceof KosukeError && error.failure.why.includes('taken'),
  );
});

test('hostile branch names are only data', async () => {
  const project = await aProject(store);
  const names = ['$(reboot)', "'; drop table previews; --", '"`x`"', 'ünï/ço∂é', '-rf', '<script>', '%0d%0a'];
  for (const name of names) await store.previews.ensure(project.id, branch(name), hostLabels(project.id, branch(name)), at(0));
  for (const name of names) assert.deepEqual((await store.previews.byRef(project.id, branch(name)))?.ref, branch(name));
});

test('a kick makes it due now, and does not set back one that waits', async () => {
  const preview = await aPreview(store);
  await store.previews.kick(preview.id, { look: true }, at(50));
  await store.previews.kick(preview.id, { look: false }, at(70));
  assert.deepEqual(await store.previews.nextDue(), at(50));
  assert.equal(await store.previews.claim('worker', at(49), leaseMs), null);
  const claim = await store.previews.claim('worker', at(50), leaseMs);
  assert.deepEqual([claim?.preview.id, claim?.look], [preview.id, true]);
});

test('a kick of a project or of all reaches each of their previews', async () => {
  const [one, other] = [await aPreview(store), await aPreview(store)];
  await store.previews.kickProject(one.project.id, { look: true }, at(0));
  assert.equal((await store.previews.claim('worker', at(0), leaseMs))?.preview.id, one.id);
  assert.equal(await store.previews.claim('worker', at(0), leaseMs), null);
  await store.previews.kickAll({ look: false }, at(1));
  const all = await store.previews.all();
  assert.ok(all.some(({ id }) => id === other.id));
  // The one under a lease comes when it ends.
  for (let left = all.length - 1; left > 0; left -= 1) assert.notEqual(await store.previews.claim('worker', at(2), leaseMs), null);
  assert.equal(await store.previews.claim('worker', at(2), leaseMs), null);
});

test('the will of people changes only where it is mentioned', async () => {
  const { id } = await aPreview(store);
  await store.previews.setWill(id, { asleepSha: 'a', removedSha: 'b' });
  await store.previews.setWill(id, { removedSha: null, redeploy: true });
  await store.previews.setWill(id, {});
  const preview = await store.previews.byId(id);
  assert.deepEqual(preview?.will, { removedSha: null, asleepSha: 'a', asleepBy: 'person', expiredSha: null, leftOutSha: null });
  assert.equal(preview?.redeployNo, 1);
});

test('crashes are forgotten when asked for', async () => {
  const { id } = await aPreview(store);
  await store.previews.kick(id, { look: false }, at(0));
  const claim = await store.previews.claim('worker', at(0), leaseMs);
  assert.ok(claim !== null);
  await store.previews.update(claim.lease, { crashCount: 3, lastCrashAt: at(5) }, at(5));
  assert.deepEqual((await store.previews.byId(id))?.lastCrashAt, at(5));
  await store.previews.setWill(id, { forgetCrashes: true });
  const preview = await store.previews.byId(id);
  assert.deepEqual([preview?.crashCount, preview?.lastCrashAt], [0, null]);
});
