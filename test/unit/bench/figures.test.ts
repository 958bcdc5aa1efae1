import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProgramLine } from '../../../src/demo/program.ts';
import type { Pair } from '../../../bench/deployments.ts';
import { phaseTimes } from '../../../bench/phases.ts';
import { bounds, scenarioLines, stepsText } from '../../../bench/report.ts';
import { quantile, ratios, spreadOf } from '../../../bench/stats.ts';

describe('the figures of the bench', () => {
  test('are the one in the middle and the ends', () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3, count: 3 });
    assert.deepEqual(spreadOf([1, 2]), { median: 1.5, least: 1, most: 2, count: 2 });
    assert.equal(quantile(Array.from({ length: 101 }, (_, at) => at), 0.99), 99);
    assert.throws(() => spreadOf([]), /no values/);
  });

  test('are ratios round by round, never of what was not measured together', () => {
    assert.deepEqual(ratios([1, 4], [2, 2]), [0.5, 2]);
    assert.throws(() => ratios([1], [1, 2]), /1 rounds of one, 2 of the other/);
  });

  test('take the phases of the deployment of one commit from the log, counted from its webhook', () => {
    const line = (ms: number, msg: string, more: object): ProgramLine => ({ at: new Date(1_000 + ms), level: 30, msg, ...more });
    const lines = [
      line(5, 'built', { deployment: 1 }),
      line(10, 'queued', { deployment: 2, commit: 'abc' }),
      line(12, 'building', { deployment: 2 }),
      line(30, 'status said', { deployment: 2, status: 'in_progress' }),
      line(50, 'built', { deployment: 2 }),
      line(80, 'live', { deployment: 2 }),
      line(90, 'status said', { deployment: 2, status: 'success' }),
    ];
    assert.deepEqual(phaseTimes(lines, 'abc', new Date(1_000)), { claimed: 12, built: 50, switched: 80, 'status said': 90 });
    assert.deepEqual(phaseTimes(lines, 'other', new Date(1_000)), {});
  });

  test('show where the time goes, a step from the end of the one before it that happened', () => {
    assert.equal(stepsText(['a', 'b', 'c'], [{ a: 10, c: 30 }, { a: 12, c: 1_042 }]), 'a 11 · c 525');
  });

  test('say whether a bound holds, and by how much it is missed', () => {
    const pair = (program: number, script: number): Pair => ({ program: { ms: program, steps: {} }, script: { ms: script, steps: {} } });
    assert.match(scenarioLines('push, same tree', [pair(50, 100)])[0]!, /^push, same tree: 0\.50 .*\(bound 0\.6: holds\)$/);
    assert.match(scenarioLines('push, same tree', [pair(75, 100)])[0]!, /missed by 0\.15/);
    assert.deepEqual(bounds, { 'first deployment': 0.95, 'push, warm cache': 0.9, 'push, same tree': 0.6 });
  });
});
