import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commentReports } from '../../../src/reconcile/reports.ts';
import { fakeReconciler, repository, sha } from '../../support/fakes/reconciler.ts';

test('two pull requests of one branch share a preview and have a comment each; closing one keeps it, closing both removes it', async (context) => {
  const world = await fakeReconciler();
  context.after(() => world.close());
  await world.sighted();
  const comments = new Map<number, string>();
  world.deps.reporter.putComment = ({ pull, body }) => {
    comments.set(pull, body);
    return Promise.resolve({ commentId: pull });
  };
  const worker = commentReports(world.deps, new AbortController().signal);
  const settle = async () => {
    await world.work();
    world.clock.offsetMs += 6_000;
    for (let piece = await worker.claim(); piece !== null; piece = await worker.claim()) await piece();
  };
  const close = async (number: number) => {
    world.github.pulls = world.github.pulls.filter((pull) => pull.number !== number);
    world.github.closedHeads = [sha('a')];
    await world.intent.pullChanged({ repository, pull: { number, headBranch: 'a', headSha: sha('a'), fork: false }, action: 'closed', reopened: false });
    await settle();
  };

  await world.push('a', sha('a'));
  world.openPull(12, 'a');
  world.openPull(13, 'a');
  await settle();
  assert.equal((await world.store.previews.all()).length, 1);
  assert.equal(world.engine.containers.length, 1);
  assert.deepEqual([...comments.keys()].toSorted((a, b) => a - b), [12, 13]);
  for (const body of comments.values()) assert.match(body, /🟢 Running/);

  await close(12);
  assert.match(comments.get(12) ?? '', /Closed: the preview stays, because #13 is open/);
  assert.match(comments.get(13) ?? '', /🟢 Running/);
  assert.equal(world.engine.containers.length, 1);

  await close(13);
  assert.match(comments.get(12) ?? '', /Closed: the preview stays, because #13 is open/, 'a closed one is not edited afterwards');
  assert.match(comments.get(13) ?? '', /Closed: the preview was removed/);
  assert.deepEqual([world.engine.containers, world.engine.images.size], [[], 0]);
});
