import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plan } from '../../../../src/domain/plan/plan.ts';
import { previewState } from '../../../../src/domain/preview-state.ts';
import { containerOf, isServing, liveOf, targetOf } from '../../../../src/domain/plan/select.ts';
import { apply, asleep, emptyModel, failure, nothing, running, whoAnswers, type Model } from './model.ts';

/** What the world can do between two passes, and passes that are cut off after some of their actions. */
type Event =
  | { kind: 'want'; what: 'nothing' | 'asleep' | 'running'; sha: string }
  | { kind: 'redeploy' | 'restart' | 'restart-otherwise' | 'vanish' | 'exit' | 'ready' | 'late' | 'elsewhere' | 'edge' | 'built' | 'broken' | 'settle' }
  | { kind: 'wake-and-push'; sha: string }
  | { kind: 'time'; seconds: number }
  | { kind: 'pass'; actions: number };

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('want' as const), what: fc.constantFrom('nothing' as const, 'asleep' as const, 'running' as const, 'running' as const), sha: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constantFrom('redeploy' as const, 'restart' as const, 'restart-otherwise' as const, 'vanish' as const, 'exit' as const, 'ready' as const, 'late' as const, 'elsewhere' as const, 'edge' as const, 'built' as const, 'broken' as const) }),
    // What is rare when everything is left to chance: at rest, and two versions that start at once.
    fc.record({ kind: fc.constant('settle' as const) }),
    fc.record({ kind: fc.constant('wake-and-push' as const), sha: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(1, 6, 70, 4000) }),
    fc.record({ kind: fc.constant('pass' as const), actions: fc.nat(6) }),
  ),
  { maxLength: 30, size: 'max' },
);

test('whatever happens, passes end with what is wanted, and the plan after them is empty', () => {
  fc.assert(
    fc.property(events, (happened) => {
      const model = emptyModel();
      for (const event of happened) happen(model, event);
      settle(model);
      assert.deepEqual(plan(model).actions, []);
      asWanted(model);
    }),
    { numRuns: 3000 },
  );
});

test('a host that has a ready version stays on it, and no host is on a version that was not seen ready', () => {
  fc.assert(
    fc.property(events, (happened) => {
      const model = emptyModel();
      for (const event of happened) {
        if (event.kind !== 'pass') happen(model, event);
        else pass(model, event.actions, () => neverUnready(model));
      }
    }),
    { numRuns: 3000 },
  );
});

function happen(model: Model, event: Event): void {
  const first = (...states: string[]) => model.deployments.find((d) => states.includes(d.state));
  switch (event.kind) {
    case 'want':
      model.wanted = event.what === 'nothing' ? nothing() : event.what === 'asleep' ? asleep(event.sha) : running(event.sha);
      return;
    case 'redeploy':
      model.redeployNo += 1;
      return;
    case 'restart':
      model.verdicts = new Map();
      model.watchingSince = model.now;
      return;
    case 'restart-otherwise':
      model.verdicts = new Map();
      model.watchingSince = model.now;
      model.containers = model.containers.map((c) => ({ ...c, fits: !c.fits }));
      return;
    case 'vanish':
      model.containers.shift();
      return;
    case 'exit':
      model.containers = model.containers.map((c) => ({ ...c, status: 'exited', exitCode: 1, finishedAt: model.now }));
      return;
    case 'ready':
    case 'late':
    case 'edge':
      for (const id of model.verdicts.keys()) {
        model.verdicts.set(id, event.kind === 'ready' ? { kind: 'ready', wantsTls: false } : { kind: 'not-ready', fault: event.kind === 'late' ? 'app' : 'edge', detail: '' });
      }
      return;
    case 'elsewhere':
      for (const { id, portFound, switchedAt } of model.deployments) {
        if (!portFound && switchedAt === null && model.verdicts.has(id)) model.verdicts.set(id, { kind: 'elsewhere', port: 8080 });
      }
      return;
    case 'built':
    case 'broken': {
      const row = first('queued', 'building');
      if (row !== undefined) Object.assign(row, event.kind === 'built' ? { state: 'built', image: `image-${row.sha}`, port: 3000 } : { state: 'failed', failure, endedAt: model.now });
      return;
    }
    case 'settle':
      settle(model);
      return;
    case 'wake-and-push':
      happen(model, { kind: 'want', what: 'running', sha: event.sha });
      happen(model, { kind: 'pass', actions: 6 });
      happen(model, { kind: 'built' });
      happen(model, { kind: 'pass', actions: 6 });
      return;
    case 'time':
      model.now = new Date(model.now.getTime() + event.seconds * 1000);
      return;
    case 'pass':
      pass(model, event.actions, () => undefined);
  }
}

function pass(model: Model, atMost: number, afterEach: () => void): void {
  let released: number | null = null;
  for (const action of plan(model).actions.slice(0, atMost)) {
    if (action.do === 'start') {
      const naming = model.holds.filter((h) => h.to === action.deploymentId);
      assert.deepEqual(naming, [], 'no hold may lead to a version that is about to be started');
      assert.ok(model.holds.some((h) => h.deploymentId === action.deploymentId), 'nothing is started without a hold');
    }
    if (released !== null && 'deploymentId' in action && ['start', 'release', 'readopt'].includes(action.do)) {
      assert.equal(action.deploymentId, released, `${action.do} of another version in the breath in which one was released`);
    }
    if (action.do === 'release') released = action.deploymentId;
    const serving = servingNow(model);
    apply(model, action);
    if (serving !== null && model.wanted.run === 'running' && action.do !== 'release') {
      assert.equal(whoAnswers(model), serving, `${action.do} took the host away from a version that serves`);
    }
    afterEach();
  }
}

function servingNow(model: Model): number | null {
  const live = liveOf(model);
  return live !== undefined && isServing(live, model) && containerOf(live, model)?.fits === true && whoAnswers(model) === live.id ? live.id : null;
}

function neverUnready(model: Model): void {
  if (model.wanted.run === 'running') assert.notEqual(whoAnswers(model), 'unready');
}

/** Builds succeed, apps become ready, time passes: until there is nothing to do and nothing to wait for. */
function settle(model: Model): void {
  for (let turn = 0; turn < 200; turn += 1) {
    const { actions, lookAgainAt } = plan(model);
    for (const action of actions) apply(model, action);
    happen(model, { kind: 'built' });
    happen(model, { kind: 'ready' });
    if (actions.length > 0) continue;
    if (lookAgainAt !== null) model.now = lookAgainAt;
    else if (plan(model).actions.length === 0) return;
  }
  assert.fail('200 passes did not end');
}

function asWanted(model: Model): void {
  const runningNow = model.containers.filter((c) => c.status === 'running').map((c) => c.deploymentId);
  assert.deepEqual(model.holds, []);
  assert.ok(model.containers.every((c) => c.fits));
  if (model.wanted.run === 'nothing') {
    assert.deepEqual(model.containers, []);
    assert.equal(model.network, false);
    assert.deepEqual(model.deployments.filter((d) => d.image !== null), []);
    assert.equal(whoAnswers(model), 'gate');
    return;
  }
  if (model.wanted.run === 'asleep') {
    assert.deepEqual(runningNow, []);
    assert.equal(previewState(model), 'asleep');
    return;
  }
  const target = targetOf(model)!;
  const live = liveOf(model);
  const crashed = model.crashCount > 3;
  if (live !== undefined && !crashed) assert.deepEqual(runningNow, [live.id]);
  if (target.state !== 'failed' && !crashed) assert.equal(target.id, live?.id);
  if (target.state === 'failed' && live === undefined) assert.equal(previewState(model), 'failed');
}
