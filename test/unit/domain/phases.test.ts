import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseDurations } from '../../../src/domain/phases.ts';

const at = (ms: number | null) => (ms === null ? null : new Date(ms));
const durations = (buildStarted: number | null, fetched: number | null, built: number | null, started: number | null, ready: number | null, switched: number | null) =>
  phaseDurations({
    createdAt: new Date(0),
    buildStartedAt: at(buildStarted),
    fetchedAt: at(fetched),
    builtAt: at(built),
    startedAt: at(started),
    readyAt: at(ready),
    switchedAt: at(switched),
  });

test('each phase takes from the end of the one before to its own, and all together the whole way', () => {
  assert.deepEqual(durations(10, 30, 1_030, 1_060, 1_100, 1_150), { claimed: 10, fetched: 20, built: 1_000, started: 30, ready: 40, switched: 50 });
});

test('what was passed over has no duration: an image that was there already is not fetched for', () => {
  assert.deepEqual(durations(10, null, 15, 20, 30, 40), { claimed: 10, built: 5, started: 5, ready: 10, switched: 10 });
});

test('what an earlier attempt left behind has none either', () => {
  assert.deepEqual(durations(500, 30, 600, 610, 620, 630), { claimed: 500, built: 100, started: 10, ready: 10, switched: 10 });
});
