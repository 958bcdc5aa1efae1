import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment } from '../../../src/domain/deployment.ts';
import type { BuildStep } from '../../../src/pages/steps.ts';
import { timelineOf } from '../../../src/pages/timeline.ts';
import { spanText, timeText } from '../../../src/pages/times.ts';
import { sampleDeployment, sampleTime, sampleTimes } from '../gate/samples.ts';

const steps: BuildStep[] = [
  { name: '[1/2] FROM base', began: sampleTime(2), last: sampleTime(2), cached: true, ended: 'done' },
  { name: '[2/2] RUN make', began: sampleTime(3), last: sampleTime(9), cached: false, ended: null },
];
const short = (change: Partial<Deployment>, of: readonly BuildStep[] = []) =>
  timelineOf(sampleDeployment(change), of, sampleTime(10)).map((item) => `${item.inner ? '  ' : ''}${item.name} ${item.cached ? 'cached' : item.is} ${item.ms === null ? '' : spanText(item.ms)}`.trimEnd());
const coming = ['Start the app next', 'Wait until it answers next', 'Switch visitors over next'];

describe('the steps of a deployment', () => {
  it('show where it is and how long that has taken', () => {
    assert.deepEqual(short({}), ['Wait for a free builder now 10 s', 'Fetch commit 3f2c1aa next', 'Build the image next', ...coming]);
    assert.deepEqual(short({ state: 'building', buildStartedAt: sampleTime(1), fetchedAt: sampleTime(2) }, steps), [
      'Wait for a free builder done 1.0 s',
      'Fetch commit 3f2c1aa done 1.0 s',
      'Build the image now 8.0 s',
      '  [1/2] FROM base cached',
      '  [2/2] RUN make now 7.0 s',
      ...coming,
    ]);
  });

  it('end with the last when it is live', () => {
    const all = short({ state: 'live', ...sampleTimes }, steps);
    assert.equal(all.length, 8);
    assert.equal(all.at(4), '  [2/2] RUN make done 6.0 s');
    assert.equal(all.at(-1), 'Switch visitors over done 1.0 s');
    assert.deepEqual(short({ state: 'superseded', ...sampleTimes, endedAt: sampleTime(50) }, steps), all);
  });

  it('end where it failed', () => {
    const failure = { code: 'build-failed' as const, fault: 'app' as const, what: 'x', why: '', next: '' };
    const building = { buildStartedAt: sampleTime(1), fetchedAt: sampleTime(2) };
    const failed = short({ state: 'failed', ...building, endedAt: sampleTime(9), failure }, steps);
    assert.deepEqual(failed.slice(2), ['Build the image failed 7.0 s', '  [1/2] FROM base cached', '  [2/2] RUN make failed 6.0 s']);
    assert.equal(short({ state: 'error', ...building, failure }, steps).at(-1), '  [2/2] RUN make failed 7.0 s');
    assert.deepEqual(short({ state: 'cancelled', ...building, endedAt: sampleTime(9) }), ['Wait for a free builder done 1.0 s', 'Fetch commit 3f2c1aa done 1.0 s']);
  });

  it('run side by side, each until it says that it is over', () => {
    const beside: BuildStep[] = [
      { name: '[a 1/1] RUN slow', began: sampleTime(3), last: sampleTime(4), cached: false, ended: null },
      { name: '[b 1/1] RUN quick', began: sampleTime(3), last: sampleTime(5), cached: false, ended: 'done' },
    ];
    const building = { buildStartedAt: sampleTime(1), fetchedAt: sampleTime(2) };
    assert.deepEqual(short({ state: 'building', ...building }, beside).slice(3, 5), ['  [a 1/1] RUN slow now 7.0 s', '  [b 1/1] RUN quick done 2.0 s']);
    assert.deepEqual(short({ state: 'live', ...sampleTimes }, beside).slice(3, 5), ['  [a 1/1] RUN slow done 1.0 s', '  [b 1/1] RUN quick done 2.0 s']);
  });

  it('leave out what was passed over', () => {
    const reused = short({ state: 'starting', buildStartedAt: sampleTime(1), builtAt: sampleTime(2), startedAt: sampleTime(3) });
    assert.deepEqual(reused, ['Wait for a free builder done 1.0 s', 'Build the image done', 'Start the app done 1.0 s', 'Wait until it answers now 7.0 s', 'Switch visitors over next']);
  });
});

describe('times', () => {
  it('are short and never negative', () => {
    const cases: [number, string][] = [
      [-5, '0.0 s'],
      [340, '0.3 s'],
      [9949, '9.9 s'],
      [9950, '10 s'],
      [59_600, '1 min 00 s'],
      [185_000, '3 min 05 s'],
      [7_800_000, '2 h 10 min'],
    ];
    for (const [ms, text] of cases) assert.equal(spanText(ms), text);
    assert.equal(timeText(sampleTime(5)), '2026-11-23 09:30:05 UTC');
  });
});
