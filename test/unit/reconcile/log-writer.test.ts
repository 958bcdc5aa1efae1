import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { createLogWriter } from '../../../src/reconcile/log-writer.ts';
import type { Deployments } from '../../../src/reconcile/ports/store.ts';

const line = (n: number): LogLine => ({ at: new Date(n), step: null, stream: 'stdout', text: String(n) });

function writer(addLog: Deployments['addLog']) {
  const deployments = { addLog } as Deployments;
  return createLogWriter({ deployments, now: () => new Date(0), log: pino({ level: 'silent' }) }, 7);
}

test('lines are written in order, at most 500 at a time, with room for all else between two writes', async () => {
  const batches: LogLine[][] = [];
  let turns = 0;
  let turning = setImmediate(function turn() {
    turns += 1;
    turning = setImmediate(turn);
  });
  const lines = writer((_id, batch) => {
    batches.push([...batch]);
    return Promise.resolve();
  });
  try {
    for (let n = 0; n < 12_000; n++) lines.add(line(n));
    await lines.flush();
  } finally {
    clearImmediate(turning);
  }
  assert.deepEqual(batches.flat().map(({ text }) => Number(text)), Array.from({ length: 12_000 }, (_, n) => n));
  assert.ok(batches.every(({ length }) => length <= 500));
  assert.ok(turns >= 20, String(turns));
});

test('a write that fails loses its lines and no others', async () => {
  const written: string[] = [];
  let fails = true;
  const lines = writer((_id, batch) => {
    if (fails) return Promise.reject(new Error('the database is away'));
    written.push(...batch.map(({ text }) => text));
    return Promise.resolve();
  });
  lines.add(line(1));
  await lines.flush();
  fails = false;
  lines.add(line(2));
  lines.note('three');
  await lines.flush();
  assert.deepEqual(written, ['2', 'three']);
});
