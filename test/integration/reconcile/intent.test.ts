import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Truth } from '../../../src/domain/truth.ts';
import { fakeReconciler, repository, sha } from '../../support/fakes/reconciler.ts';

let world: Awaited<ReturnType<typeof fakeReconciler>>;
beforeEach(async () => {
  world = await fakeReconciler();
});
afterEach(() => world.close());

const runningA = async () => {
  await world.sighted();
  await world.push('a', sha('a'));
  world.openPull(1, 'a');
  await world.work();
  assert.equal(await state(), 'running');
};
const state = async () => (await world.preview('a')).state;
const onEngine = () => [world.engine.containers.map(({ status }) => status), world.engine.networks.size, world.engine.images.size];
const truth = async (now: Partial<Truth>, event: Promise<void>) => {
  world.github.truth = now;
  await event;
  await world.work();
};

describe('what a webhook changes', () => {
  test('a push shows the repository first: what was there before is left alone, what was pushed is deployed', async () => {
    world.github.heads.set('main', sha('0'));
    await world.push('a', sha('a'));
    await world.work();
    assert.deepEqual((await world.store.previews.all()).map(({ hostLabel, state }) => [hostLabel, state]), [['project-1-a', 'running']]);
    assert.equal(await world.store.projects.firstHead(1, 'main'), sha('0'));
  });

  test('any change of a pull request makes the next pass read GitHub again, once', async () => {
    await runningA();
    const did = [...world.engine.did];
    for (const action of ['opened', 'edited', 'labeled']) {
      const before = world.github.looks;
      await world.intent.pullChanged({ repository, pull: { number: 1, headBranch: 'a', headSha: sha('a'), fork: false }, action, reopened: false });
      await world.work();
      assert.equal(world.github.looks, before + 1, action);
    }
    assert.deepEqual(world.engine.did, did);
  });

  test('a renamed or transferred repository keeps its project, its host and its container', async () => {
    await runningA();
    const { hostLabel } = await world.preview('a');
    const did = [...world.engine.did];
    const looks = world.github.looks;
    const moved = { ...repository, owner: 'big', name: 'store' };
    await truth({ repository: moved }, world.intent.repositoryChanged({ repository: moved, change: 'transferred' }));
    const { project, ...preview } = await world.preview('a');
    assert.deepEqual([project.id, project.owner, project.name, preview.hostLabel, preview.state], [1, 'big', 'store', hostLabel, 'running']);
    assert.equal(world.github.looks, looks + 1);
    assert.deepEqual(world.engine.did, did);
  });

  test('a suspended App puts previews to sleep, and they wake when it is back', async () => {
    await runningA();
    const change = (to: 'suspend' | 'unsuspend') => world.intent.installationChanged({ installationId: 5, account: 'acme', change: to });
    await truth({ installation: 'suspended', repository: 'unknown', headSha: null }, change('suspend'));
    assert.equal(await state(), 'asleep');
    assert.deepEqual(onEngine(), [['exited'], 1, 1]);
    await truth({}, change('unsuspend'));
    assert.equal(await state(), 'running');
    assert.deepEqual(onEngine(), [['running'], 1, 1]);
  });

  test('an App that is installed, or gets one more repository, deploys the open pull requests it finds', async () => {
    world.github.heads.set('a', sha('a'));
    world.openPull(1, 'a');
    await world.intent.repositoriesChanged({ installationId: 5, added: [{ repositoryId: repository.repositoryId }], removed: [] });
    await world.work();
    assert.equal(await state(), 'running');
  });

  const gone: [string, Partial<Truth>, () => Promise<void>][] = [
    ['its repository was deleted', { repository: null, headSha: null }, () => world.intent.repositoryChanged({ repository, change: 'deleted' })],
    [
      'the App lost its repository',
      { repository: null, headSha: null },
      () => world.intent.repositoriesChanged({ installationId: 5, added: [], removed: [{ repositoryId: repository.repositoryId }] }),
    ],
    ['the App was uninstalled', { installation: 'deleted', repository: null, headSha: null }, () => world.intent.installationChanged({ installationId: 5, account: 'acme', change: 'deleted' })],
  ];
  for (const [why, now, event] of gone) {
    test(`nothing of a preview stays when ${why}`, async () => {
      await runningA();
      world.github.truth = now;
      await event();
      await world.work();
      assert.equal(await state(), 'removed');
      assert.deepEqual(onEngine(), [[], 0, 0]);
    });
  }

  test('an event alone removes nothing that GitHub still shows', async () => {
    await runningA();
    await truth({}, world.intent.repositoryChanged({ repository, change: 'deleted' }));
    await truth({}, world.intent.installationChanged({ installationId: 5, account: 'acme', change: 'deleted' }));
    await truth({}, world.intent.branchChanged({ repository, branch: 'a' }));
    assert.equal(await state(), 'running');
    assert.deepEqual(onEngine(), [['running'], 1, 1]);
  });
});
