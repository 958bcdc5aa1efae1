import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { pino } from 'pino';
import { logStream } from '../../../src/dashboard/log-stream.ts';
import { logText } from '../../../src/dashboard/log-text.ts';
import { createLogWindow } from '../../../src/pages/log-window.ts';
import { systemClock } from '../../../src/serve/clock.ts';
import { sampleDeployment, samplePreview } from '../gate/samples.ts';

test('who leaves a log that is quiet is no error, and is no longer watched for', async () => {
  const errors: unknown[] = [];
  let ended = 0;
  const log = createLogWindow({ head: { lines: 1, bytes: 1 }, tail: { lines: 1, bytes: 1 } });
  const seen = () => Promise.resolve({ deployment: sampleDeployment({ state: 'building' }), log });
  const stream = logStream({
    preview: samplePreview(),
    url: () => Promise.resolve(null),
    deploymentId: 1,
    from: 0,
    watch: { look: seen, watch: () => ({ seen, end: () => void (ended += 1) }) },
    clock: systemClock,
    stop: new AbortController().signal,
    onError: (error) => errors.push(error),
  });
  const reader = stream.getReader();
  for (let times = 0; times < 2; times += 1) assert.equal((await reader.read()).done, false);
  const waiting = reader.read();
  await turn();
  await reader.cancel();
  assert.equal((await waiting).done, true);
  for (let times = 0; times < 5; times += 1) await turn();
  assert.deepEqual([errors, ended], [[], 1]);
});

test('who leaves while the plain text is being read is no error either', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const reading = Promise.withResolvers<[]>();
  const reader = logText({ log: () => reading.promise }, 1, log).getReader();
  const waiting = reader.read();
  for (let times = 0; times < 3; times += 1) await turn();
  await reader.cancel();
  reading.resolve([]);
  await waiting;
  for (let times = 0; times < 5; times += 1) await turn();
  assert.deepEqual(lines, []);
});
