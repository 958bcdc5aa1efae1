import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { runSweeps } from '../../../src/serve/workers.ts';

test('sweeps come at once and then a tenth sooner or later than asked for, each time another; one that breaks off ends none', async () => {
  const stop = new AbortController();
  const slept: number[] = [];
  let sweeps = 0;
  const clock = {
    now: () => new Date(0),
    sleep: (ms: number) => {
      slept.push(ms);
      if (slept.length === 40) stop.abort();
      return Promise.resolve();
    },
  };
  const sweep = () => {
    sweeps += 1;
    return sweeps === 3 ? Promise.reject(new Error('no')) : Promise.resolve();
  };
  await runSweeps(sweep, 300_000, { clock, log: pino({ level: 'silent' }) }, stop.signal);
  assert.equal(sweeps, 40);
  assert.ok(slept.every((ms) => ms >= 270_000 && ms <= 330_000), slept.join());
  assert.ok(new Set(slept).size > 30);
  assert.ok(Math.max(...slept) - Math.min(...slept) > 20_000);
});
