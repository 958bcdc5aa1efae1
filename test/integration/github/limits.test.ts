import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { commentMarker } from '../../../src/domain/comment.ts';
import { commentReports } from '../../../src/reconcile/reports.ts';
import { fakeReconciler } from '../../support/fakes/reconciler.ts';
import { isTrouble, type Partner, project, soon, startPartner, withFault } from './support.ts';

describe('the limits of GitHub, over HTTP', () => {
  let partner: Partner;
  let offsetMs: number;
  const began = Date.now();
  beforeEach(async () => {
    offsetMs = 0;
    partner = await startPartner({ clock: { now: () => new Date(began + offsetMs), sleep: () => Promise.resolve() } });
  });
  afterEach(() => partner.close());

  const asked = () => partner.local.requests().length;
  const reset = String(Math.floor(began / 1000) + 40);
  for (const [name, status, headers, quietMs] of [
    ['retry-after with 403', 403, { 'retry-after': '30' }, 30_000],
    ['retry-after with 429', 429, { 'retry-after': '30' }, 30_000],
    ['a used up hour', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, Number(reset) * 1000 - began],
  ] as const) {
    it(`${name}: not one request before the time that it names, one right after it`, async () => {
      const shop = await project(partner.local, 'limited');
      const heads = () => partner.codeHost.heads(shop.project, soon());
      await heads();
      const body = { message: 'You have exceeded a rate limit' };
      await withFault(partner.local, { method: 'GET', path: /branches/, times: 1 }, { status, headers, body }, () => assert.rejects(heads(), isTrouble(/rate limit/)));
      const before = asked();
      for (offsetMs of [0, quietMs / 2, quietMs - 1]) {
        await assert.rejects(heads(), isTrouble(/rate limit/));
        const put = { project: shop.project, pull: 1, commentId: null, body: commentMarker };
        await assert.rejects(partner.reporter.putComment(put, soon()), isTrouble(/rate limit/));
      }
      assert.equal(asked(), before);
      offsetMs = quietMs;
      assert.equal((await heads()).length, 1);
      assert.equal(asked(), before + 1);
    });
  }

  it('of 70 writes at once 60 reach GitHub in a minute', async () => {
    const shop = await project(partner.local, 'busy');
    const commit = await partner.local.commit({ repository: shop.repository, branch: 'x', from: 'main', files: { a: '1' } });
    const write = () => partner.reporter.createDeployment({ project: shop.project, sha: commit, ours: 'test/1', maybeCreated: false, previewUrl: 'https://x.kosuke.ai' }, soon());
    const ended = await Promise.allSettled(Array.from({ length: 70 }, write));
    assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 60);
    assert.equal(partner.local.deployments(shop.repository).length, 60);
    offsetMs = 59_999;
    await assert.rejects(write(), isTrouble(/60 writes/));
    offsetMs = 60_000;
    await write();
  });

  it('two workers that race for one comment write one', async () => {
    const shop = await project(partner.local, 'racing');
    const world = await fakeReconciler();
    try {
      await partner.local.commit({ repository: shop.repository, branch: 'a', from: 'main', files: { a: '1' } });
      const pull = await partner.local.openPullRequest({ repository: shop.repository, head: 'a' });
      const kept = await world.store.projects.ensure(shop.project, world.clock.now());
      await world.store.projects.sight(kept.id, [], world.clock.now());
      const preview = await world.store.previews.ensure(kept.id, { kind: 'branch', name: 'a' }, ['project-1-a'], world.clock.now());
      const one = commentReports({ ...world.deps, reporter: partner.reporter }, new AbortController().signal);
      const other = commentReports({ ...world.deps, reporter: partner.reporter }, new AbortController().signal);
      for (const text of ['one', 'two', 'three']) {
        await world.store.reports.wishComment(preview.id, pull.number, `${commentMarker}\n${text}`, { frozen: false }, world.clock.now());
        const jobs = await Promise.all([one.claim(), other.claim()]);
        await Promise.all(jobs.map((job) => job?.()));
        world.clock.offsetMs += 10_000;
      }
      assert.deepEqual(partner.local.comments(shop.repository, pull.number).map(({ body }) => body), [`${commentMarker}\nthree`]);
    } finally {
      await world.close();
    }
  });
});
