import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { planSweep, type SweepPlan } from '../../../src/reconcile/dry-run.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

let world: Awaited<ReturnType<typeof fakeReconciler>>;
beforeEach(async () => {
  world = await fakeReconciler();
});
afterEach(() => world.close());

/** The plan, after which rows, engine and edge must be as they were before. */
async function planned(): Promise<SweepPlan> {
  const all = async () => [await world.store.previews.all(), await world.store.projects.all(), world.engine.containers, world.engine.did, world.edge.did, await world.store.previews.nextDue()];
  const before = structuredClone(await all());
  const plan = await planSweep(world.deps, AbortSignal.timeout(10_000));
  assert.deepEqual(await all(), before, 'something changed');
  return plan;
}

describe('what a sweep would do', () => {
  test('is nothing where all is as it should be', async () => {
    await world.sighted();
    await world.push('a', sha('a'));
    await world.work();
    assert.deepEqual(await planned(), { looked: 1, steps: [], problems: [] });
  });

  test('names repositories, branches and pull requests that have no row yet', async () => {
    const first = { subject: 'acme/shop', repository: 'acme/shop', ref: '', plan: ['see it for the first time'] };
    assert.deepEqual((await planned()).steps, [first]);
    await world.sighted();
    world.github.heads.set('new', sha('a'));
    world.openPull(7, 'theirs', { fork: true });
    assert.deepEqual(
      (await planned()).steps.map(({ ref, plan }) => [ref, ...plan]),
      [['pr-7', 'look at it for the first time'], ['new', 'look at it for the first time']],
    );
  });

  test('is the passes to come: a lost push, a closed branch, a container that went', async () => {
    await world.sighted();
    for (const branch of ['pushed', 'gone', 'down']) await world.push(branch, sha('a'));
    await world.work();
    world.github.heads.set('pushed', sha('b'));
    world.github.heads.delete('gone');
    const { id } = await world.newest('down');
    world.engine.containers = world.engine.containers.filter(({ deploymentId }) => deploymentId !== id);
    const { steps, looked, problems } = await planned();
    assert.deepEqual([looked, problems], [3, []]);
    const byRef = new Map(steps.map(({ ref, plan }) => [ref, plan]));
    assert.ok(byRef.get('pushed')?.includes(`build ${sha('b').slice(0, 7)}`), String(byRef.get('pushed')));
    assert.ok(byRef.get('gone')?.includes('keep the host on our own pages'), String(byRef.get('gone')));
    assert.deepEqual(byRef.get('down'), [`start version ${id} again`]);
  });

  test('is a settled branch coming back, whose webhook was lost', async () => {
    await world.sighted();
    await world.push('a', sha('a'));
    await world.work();
    world.github.heads.delete('a');
    await world.store.previews.kickAll({ look: true }, world.clock.now());
    await world.work();
    assert.equal((await world.preview('a')).state, 'removed');
    world.github.heads.set('a', sha('b'));
    const { steps } = await planned();
    assert.deepEqual(steps.map(({ subject, plan }) => [subject, plan[0]]), [[(await world.preview('a')).hostLabel, `build ${sha('b').slice(0, 7)}`]]);
  });

  test('names things of ours without a row', async () => {
    await world.sighted();
    await world.push('a', sha('a'));
    await world.work();
    world.engine.containers.push({ ...world.engine.containers[0]!, id: 'lost', name: 'kosuke-preview-project-9-lost-77', previewId: 99, deploymentId: 77 });
    assert.deepEqual((await planned()).steps, [{ subject: 'kosuke-preview-project-9-lost-77', repository: '', ref: '', plan: ['remove the container, which has no row'] }]);
  });

  test('says of what could not be found out, and goes on', async () => {
    await world.sighted();
    await world.push('a', sha('a'));
    await world.work();
    world.github.trouble = new KosukeError({ code: 'github', fault: 'us', what: 'GitHub did not answer', why: 'status 502', next: '' });
    world.engine.containers.push({ ...world.engine.containers[0]!, id: 'lost', name: 'lost', previewId: 99, deploymentId: 77 });
    const { steps, problems } = await planned();
    assert.equal(steps.length, 1);
    assert.deepEqual(problems, [`${(await world.preview('a')).hostLabel} could not be looked at: status 502`]);
  });
});
