import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { pass } from '../../../src/reconcile/pass.ts';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';
import { valueOf } from '../../support/metrics.ts';

type World = Awaited<ReturnType<typeof fakeReconciler>>;
let world: World;

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
});
afterEach(() => world.close());

const value = async (name: string, labels: Record<string, string> = {}) => valueOf(await world.instruments.registry.metrics(), name, labels);
const outcomes = async () => {
  const values = await Promise.all(['live', 'failed', 'error', 'cancelled'].map((outcome) => value('kosuke_deployments_total', { outcome })));
  return { live: values[0], failed: values[1], error: values[2], cancelled: values[3] };
};
const swept = () => sweep(world.deps, AbortSignal.timeout(5_000));
const drift = (kind: string) => value('kosuke_sweep_drift_total', { kind });
const broken = () => new KosukeError({ code: 'engine', fault: 'us', what: 'The engine did not answer', why: '', next: '' });

describe('the counters', () => {
  test('count a push to a running preview: its passes, that it is live, and how long each phase took', async () => {
    await world.push('a', sha('a'));
    await world.work();
    assert.deepEqual(await outcomes(), { live: 1, failed: 0, error: 0, cancelled: 0 });
    const passes = await value('kosuke_passes_total', { result: 'done' });
    assert.ok(passes! >= 2, `${passes} passes`);
    assert.equal(await value('kosuke_pass_duration_seconds_count'), passes);
    assert.equal(await value('kosuke_deployment_duration_seconds_count'), 1);
    let sum = 0;
    for (const phase of ['claimed', 'fetched', 'built', 'started', 'ready', 'switched']) {
      assert.equal(await value('kosuke_deployment_phase_duration_seconds_count', { phase }), 1, phase);
      sum += (await value('kosuke_deployment_phase_duration_seconds_sum', { phase }))!;
    }
    const whole = await value('kosuke_deployment_duration_seconds_sum');
    assert.ok(Math.abs(sum - whole!) < 0.001, `the phases, ${sum} s, are the whole way, ${whole} s`);
  });

  test('tell the wait for an answer from the switch that follows it', async () => {
    const { removeHold } = world.edge;
    world.edge.removeHold = (id) => {
      world.clock.offsetMs += 40_000;
      return removeHold(id);
    };
    await world.push('a', sha('a'));
    await world.work(async () => (await outcomes()).live === 1);
    assert.ok((await value('kosuke_deployment_phase_duration_seconds_sum', { phase: 'switched' }))! >= 40);
    assert.ok((await value('kosuke_deployment_phase_duration_seconds_sum', { phase: 'ready' }))! < 40);
    const { readyAt, switchedAt } = await world.newest('a');
    assert.ok(switchedAt!.getTime() - readyAt!.getTime() >= 40_000, 'so does the page of the log');
  });

  test('count a version once, however often it comes up again', async () => {
    await world.push('a', sha('a'));
    await world.work();
    const { id } = await world.newest('a');
    world.engine.exit(id, 1);
    await world.store.previews.kickAll({ look: false }, world.clock.now());
    await world.work(async () => (await world.preview('a')).state === 'running' && (await world.newest('a')).state === 'live' && world.engine.containers[0]?.status === 'running');
    assert.equal((await outcomes()).live, 1);
    assert.equal(await value('kosuke_deployment_duration_seconds_count'), 1);
  });

  test("count what failed by the repository's doing, while building and while starting", async () => {
    world.build.dockerfile = null;
    await world.push('a', sha('a'));
    await world.work();
    assert.deepEqual(await outcomes(), { live: 0, failed: 1, error: 0, cancelled: 0 });
    world.build.dockerfile = 'FROM busybox\n';
    world.edge.status.set(2, 502);
    await world.push('a', sha('b'));
    await world.work(async () => (await world.newest('a')).id === 2 && (await world.newest('a')).state === 'failed');
    assert.deepEqual(await outcomes(), { live: 0, failed: 2, error: 0, cancelled: 0 });
  });

  test('count errors of ours, each attempt, and passes that failed', async () => {
    world.engine.before = (what) => {
      if (what.startsWith('network') || what.startsWith('create')) throw broken();
    };
    await world.push('a', sha('a'));
    await world.work(async () => (await world.store.deployments.ofPreview(1))[0]?.state === 'error');
    assert.deepEqual(await outcomes(), { live: 0, failed: 0, error: 1, cancelled: 0 });
    await world.work(async () => (await value('kosuke_passes_total', { result: 'failed' }))! > 0);
    world.engine.before = () => undefined;
    world.clock.offsetMs += 60_000;
    await world.work();
    assert.deepEqual(await outcomes(), { live: 1, failed: 0, error: 1, cancelled: 0 });
  });

  test('count what was overtaken before it was live as cancelled, and what is taken away later not again', async () => {
    const push = world.push.bind(world);
    await push('a', sha('a'));
    await world.work(async () => (await world.store.deployments.ofPreview(1)).length === 1);
    await push('a', sha('b'));
    await world.work();
    assert.deepEqual(await outcomes(), { live: 1, failed: 0, error: 0, cancelled: 1 });
    world.openPull(1, 'a');
    await world.closePull(1, 'a');
    await world.work();
    assert.equal((await world.newest('a')).state, 'removed');
    assert.deepEqual(await outcomes(), { live: 1, failed: 0, error: 0, cancelled: 1 });
  });

  test('count passes that are lost to another worker, and those that the end of the program stops', async () => {
    await world.push('a', sha('a'));
    const claimed = await world.workers.passes.claim();
    await world.store.previews.endAllLeases();
    await claimed!();
    assert.equal(await value('kosuke_passes_total', { result: 'lost' }), 1);

    const stop = new AbortController();
    const observe = world.engine.things;
    world.engine.things = (...given) => (stop.abort(), observe(...given));
    await world.store.previews.kickAll({ look: false }, world.clock.now());
    await pass(world.deps, (await world.store.previews.claim('me', world.clock.now(), 60_000))!, stop.signal);
    assert.equal(await value('kosuke_passes_total', { result: 'stopped' }), 1);
    assert.equal(await value('kosuke_passes_total', { result: 'failed' }), 0);
  });
});

describe('the sweep', () => {
  test('counts itself, its kicks, and no drift where all is as it should be', async () => {
    await world.push('a', sha('a'));
    await world.work();
    await swept();
    assert.equal(await value('kosuke_sweeps_total', { result: 'clean' }), 1);
    assert.equal(await value('kosuke_sweep_duration_seconds_count'), 1);
    assert.ok((await value('kosuke_sweep_kicks_total'))! > 0);
    for (const kind of ['preview', 'head', 'container', 'network', 'hold', 'image']) assert.equal(await drift(kind), 0, kind);
  });

  test('counts what no webhook told: a branch without a row, and a head that is not the wanted one', async () => {
    await world.push('a', sha('a'));
    await world.work();
    world.github.heads.set('a', sha('b')).set('new', sha('c'));
    await swept();
    assert.equal(await drift('head'), 1);
    assert.equal(await drift('preview'), 1);
    await world.work();
    await swept();
    assert.equal(await drift('head'), 1);
    assert.equal(await drift('preview'), 1);
  });

  test('counts each thing that has no row', async () => {
    await world.engine.ensureNetwork({ name: 'kosuke-preview-project-9-lost', labels: {} }, AbortSignal.timeout(5_000));
    await swept();
    assert.equal(await drift('network'), 1);
    assert.equal(await drift('container'), 0);
  });

  test('counts one that found problems, and one that broke off', async () => {
    world.deps.codeHost.installations = () => Promise.reject(broken());
    await swept();
    assert.equal(await value('kosuke_sweeps_total', { result: 'problems' }), 1);
    await assert.rejects(sweep(world.deps, AbortSignal.abort()));
    assert.equal(await value('kosuke_sweeps_total', { result: 'broken_off' }), 1);
  });
});
