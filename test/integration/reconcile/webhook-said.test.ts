import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { createFetchAhead } from '../../../src/reconcile/fetch-ahead.ts';
import { createIntent } from '../../../src/reconcile/intent.ts';
import { fakeReconciler, repository, sha } from '../../support/fakes/reconciler.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;

async function start(context: TestContext): Promise<{ world: World; looks: () => number }> {
  const world = await fakeReconciler();
  context.after(() => world.close());
  await world.sighted();
  const { look } = world.deps.codeHost;
  let looks = 0;
  world.deps.codeHost.look = (...args) => {
    looks += 1;
    return look(...args);
  };
  return { world, looks: () => looks };
}

const synchronize = (world: World, headSha: string) =>
  world.intent.pullChanged({ repository, pull: { number: 1, headBranch: 'a', headSha, fork: false }, action: 'synchronize', reopened: false });

test('two webhooks of one push are one look at GitHub, when the second comes during it or later', async (context) => {
  const { world, looks } = await start(context);
  world.github.heads.set('a', sha('a'));
  world.openPull(1, 'a');
  await world.push('a', sha('a'));
  await world.work();
  const before = looks();
  world.github.pulls = [];
  world.github.heads.set('a', sha('b'));
  world.openPull(1, 'a');
  await world.push('a', sha('b'));
  await world.work();
  assert.equal(looks(), before + 1);
  await synchronize(world, sha('b'));
  await world.work();
  assert.equal(looks(), before + 1, 'what it says is known');
  assert.equal((await world.newest('a')).sha, sha('b'));
});

test('what a webhook says is looked at when anything of it is not known', async (context) => {
  const { world, looks } = await start(context);
  await world.push('a', sha('a'));
  await world.work();
  let before = looks();
  await synchronize(world, sha('a'));
  await world.work();
  assert.equal(looks(), ++before, 'the pull request is not known');
  await synchronize(world, sha('c'));
  await world.work();
  assert.equal(looks(), ++before, 'the commit is not known');
  await world.intent.pullChanged({ repository, pull: { number: 1, headBranch: 'a', headSha: sha('a'), fork: false }, action: 'edited', reopened: false });
  await world.work();
  assert.equal(looks(), ++before, 'another kind of change');
});

test('the tree of a push is known from its webhook: files that were built before are not fetched, and GitHub is not asked', async (context) => {
  const { world } = await start(context);
  const fetched: string[] = [];
  world.deps.git.fetch = ({ sha: commit }) => Promise.resolve(void fetched.push(commit));
  let asked = 0;
  world.deps.codeHost.tree = () => {
    asked += 1;
    return Promise.reject(new Error('not to be asked'));
  };
  const ahead: string[] = [];
  world.deps.ahead.begin = (_project, commit) => void ahead.push(commit);
  const intent = createIntent(world.deps);
  const push = async (commit: string, tree: string) => {
    world.github.heads.set('a', commit);
    await intent.pushed({ repository, branch: 'a', before: '0'.repeat(40), after: commit, created: false, deleted: false, tree });
    await world.work();
  };
  const { tree } = await world.deps.git.readFiles(1, sha('a'), [], AbortSignal.timeout(1_000));
  await push(sha('a'), tree);
  assert.deepEqual([world.build.ran, ahead, fetched], [[sha('a')], [sha('a')], [sha('a')]]);
  await push(`${sha('a').slice(0, -1)}1`, tree);
  assert.deepEqual([world.build.ran, ahead, asked], [[sha('a')], [sha('a')], 0]);
  assert.equal((await world.newest('a')).state, 'live');
});

test('what a person removed, first sight left out, or no rule wants is not fetched ahead', async (context) => {
  const { world } = await start(context);
  const ahead: string[] = [];
  world.deps.ahead.begin = (_project, commit) => void ahead.push(commit);
  await world.push('gh-pages', sha('a'));
  await world.push('a', sha('b'));
  assert.deepEqual(ahead, [sha('b')]);
  await world.work();
  const { id } = await world.preview('a');
  await world.store.previews.setWill(id, { removedSha: sha('b') });
  await world.push('a', sha('b'));
  assert.deepEqual(ahead, [sha('b')]);
});

test('commits are fetched ahead of their builds, one of a project and no more at once than builds; a fetch that fails is nobody\'s failure', async (context) => {
  const { world } = await start(context);
  const begun: string[] = [];
  const ended: string[] = [];
  world.deps.git.fetch = async ({ sha: commit, deploymentId }, signal) => {
    assert.equal(deploymentId, null);
    begun.push(commit);
    await delay(60_000, undefined, { signal }).finally(() => ended.push(commit));
  };
  const ahead = createFetchAhead(world.deps);
  const projects = [];
  for (const number of [1, 2, 3]) projects.push(await world.store.projects.ensure({ ...repository, repositoryId: 700 + number }, new Date()));
  const [one, two, three] = projects;
  ahead.begin(one!, sha('a'));
  ahead.begin(one!, sha('b'));
  ahead.begin(two!, sha('c'));
  ahead.begin(three!, sha('d'));
  await delay(20);
  assert.deepEqual(begun, [sha('a'), sha('c')]);

  ahead.giveWay(one!.id, sha('a'));
  await delay(20);
  assert.deepEqual(ended, [], 'the build of the same commit waits for it');
  ahead.giveWay(one!.id, sha('b'));
  await delay(20);
  assert.deepEqual(ended, [sha('a')], 'the build of another one does not');

  await ahead.stop();
  assert.deepEqual(ended, [sha('a'), sha('c')]);
  ahead.begin(three!, sha('d'));
  assert.equal(begun.length, 2);
});
