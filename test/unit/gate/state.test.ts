import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commitHostLabel, commitOfLabel } from '../../../src/domain/host.ts';
import { previewStates } from '../../../src/domain/preview.ts';
import { boundedMap } from '../../../src/gate/bounded-map.ts';
import { hostLabelOf } from '../../../src/gate/host-label.ts';
import { stateOf, statusOf } from '../../../src/gate/state.ts';
import { sampleDeployment, samplePreview, sampleSha, sampleTime } from './samples.ts';

describe('the state that the gate tells', () => {
  it('is the preview’s for its own host', () => {
    for (const state of previewStates) assert.equal(stateOf({ preview: samplePreview({ state }), latest: null, live: null, asked: null }), state);
    assert.equal(stateOf(null), 'unknown');
  });

  it('of a commit’s host is that of the version while it counts, else that it was replaced', () => {
    const live = sampleDeployment({ id: 7, state: 'live' });
    const next = sampleDeployment({ id: 8, state: 'building' });
    const old = sampleDeployment({ id: 6, state: 'superseded', endedAt: sampleTime(9) });
    const failed = sampleDeployment({ id: 5, state: 'failed', endedAt: sampleTime(9), failure: { code: 'exited', fault: 'app', what: 'x', why: '', next: '' } });
    const found = (state: (typeof previewStates)[number], asked: typeof live) => stateOf({ preview: samplePreview({ state }), latest: next, live, asked });
    assert.equal(found('running', live), 'running');
    assert.equal(found('running', next), 'building');
    assert.equal(found('running', { ...next, state: 'built' }), 'starting');
    assert.equal(found('running', old), 'replaced');
    assert.equal(found('running', failed), 'failed');
    assert.equal(found('crashed', live), 'crashed');
    assert.equal(found('removed', old), 'removed');
    assert.equal(found('asleep', next), 'asleep');
  });

  it('has a status: 503 and a time to come back while something comes', () => {
    const came = Object.fromEntries([...previewStates, 'unknown' as const, 'replaced' as const, 'error' as const].map((state) => [state, statusOf(state)]));
    assert.deepEqual(came, {
      queued: { status: 503, retryAfter: 5 },
      building: { status: 503, retryAfter: 3 },
      starting: { status: 503, retryAfter: 1 },
      waking: { status: 503, retryAfter: 1 },
      running: { status: 503, retryAfter: 1 },
      asleep: { status: 503, retryAfter: null },
      failed: { status: 502, retryAfter: null },
      crashed: { status: 502, retryAfter: null },
      waiting_approval: { status: 404, retryAfter: null },
      refused: { status: 404, retryAfter: null },
      expired: { status: 410, retryAfter: null },
      removed: { status: 410, retryAfter: null },
      unknown: { status: 404, retryAfter: null },
      replaced: { status: 410, retryAfter: null },
      error: { status: 503, retryAfter: 5 },
    });
  });
});

describe('host labels', () => {
  it('are read from a Host header, whatever its spelling, and only of preview hosts', () => {
    assert.equal(hostLabelOf('project-1-a.kosuke.ai', 'kosuke.ai'), 'project-1-a');
    assert.equal(hostLabelOf('PROJECT-1-A.Kosuke.ai.:8443', 'kosuke.ai'), 'project-1-a');
    assert.equal(hostLabelOf('PROJECT-1-A.Kosuke.ai:8443', 'kosuke.ai'), 'project-1-a');
    assert.equal(hostLabelOf('project-1-a.kosuke.ai.', 'kosuke.ai'), 'project-1-a');
    for (const other of ['kosuke.ai', 'project-1-a.kosuke.ai.example', 'project-1-a.kosukexai', 'x.project-1-a.kosuke.ai', 'www.kosuke.ai', '']) {
      assert.equal(hostLabelOf(other, 'kosuke.ai'), null, other);
    }
  });

  it('of a commit name its version', () => {
    assert.deepEqual(commitOfLabel(commitHostLabel(12, sampleSha, 987_654)), { projectId: 12, shortSha: sampleSha.slice(0, 10), deploymentId: 987_654 });
    for (const other of ['project-1-feature-a', 'project-1--3f2c1aa0b-7', 'project-1--3f2c1aa0b1-', 'project-1--3f2c1aa0b1-zzzzzzzzzzz']) assert.equal(commitOfLabel(other), null, other);
  });
});

describe('a bounded map', () => {
  it('drops what was not used for longest', () => {
    const map = boundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    assert.equal(map.get('a'), 1);
    map.set('c', 3);
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [1, undefined, 3]);
    map.delete('a');
    assert.equal(map.get('a'), undefined);
  });
});
