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
  const intent = createIntent(world.deps, { begin: (_project, commit) => void ahead.push(commit) });
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

test('commits are fetched ahead of their builds, no more at once than builds, and a fetch that fails is nobody\'s failure', async (context) => {
  const { world } = await start(context);
  const stop = new AbortController();
  const begun: string[] = [];
  world.deps.git.fetch = async ({ sha: commit, deploymentId }, signal) => {
    assert.equal(deploymentId, null);
    begun.push(commit);
    await delay(60_000, undefined, { signal });
  };
  const ahead = createFetchAhead(world.deps, stop.signal);
  const project = await world.store.projects.ensure(repository, new Date());
  for (const commit of [sha('a'), sha('a'), sha('b'), sha('c')]) ahead.begin(project, commit);
  await delay(20);
  assert.deepEqual(begun, [sha('a'), sha('b')]);
  stop.abort();
  await ahead.settled();
  ahead.begin(project, sha('d'));
  await ahead.settled();
  assert.equal(begun.length, 2);
});
