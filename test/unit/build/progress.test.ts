import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from '../../../src/build/progress.ts';
import type { Trace } from '../../../src/build/trace.ts';

const vertex = (digest: string, name: string, rest: Partial<Trace['vertexes'][number]> = {}): Trace['vertexes'][number] => ({
  digest,
  name,
  cached: false,
  started: null,
  completed: null,
  error: '',
  ...rest,
});
const log = (name: string, at: number, text: string, stderr = false): Trace['logs'][number] => ({ vertex: name, at, stderr, bytes: Buffer.from(text) });
const report = (vertexes: Trace['vertexes'], logs: Trace['logs'] = []): Trace => ({ vertexes, logs });
const install = '[2/3] RUN npm ci';

test('a step is told when it starts, by its lines, and when it ends; repeated reports tell nothing anew', () => {
  const progress = createProgress();
  const texts = (trace: Trace) => progress.take(trace).map(({ step, stream, text }) => `${step} | ${stream} | ${text}`);
  assert.deepEqual(texts(report([vertex('a', install)])), []);
  const started = report([vertex('a', install, { started: 1_000 })]);
  assert.deepEqual(texts(started), [`${install} | step | ${install}`]);
  assert.deepEqual(texts(started), []);
  assert.deepEqual(texts(report([], [log('a', 1_100, 'added 3 pack')])), []);
  assert.deepEqual(texts(report([], [log('a', 1_200, 'warn\n', true), log('a', 1_300, 'ages\nlast')])), [
    `${install} | stderr | warn`,
    `${install} | stdout | added 3 packages`,
  ]);
  const ended = report([vertex('a', install, { started: 1_000, completed: 2_240 })]);
  assert.deepEqual(texts(ended), [`${install} | stdout | last`, `${install} | step | [2/3] done in 1.2 s`]);
  assert.deepEqual(texts(ended), []);
  assert.deepEqual(progress.tail(), ['warn', 'added 3 packages', 'last']);
});

test('what one report brings is told in the order of its times', () => {
  const lines = createProgress().take(
    report(
      [
        vertex('a', install, { started: 1_000, completed: 2_000.25 }),
        vertex('b', '[3/3] RUN npm test', { started: 2_000.5 }),
      ],
      [log('b', 2_001, 'testing\n')],
    ),
  );
  assert.deepEqual(lines.map((line) => line.text), [install, '[2/3] done in 1.0 s', '[3/3] RUN npm test', 'testing']);
  assert.deepEqual(lines[1]?.at, new Date(2_000));
});

test('cached steps say so, steps of a named stage count, and what is BuildKit’s own is left out', () => {
  const lines = createProgress().take(
    report([
      vertex('a', '[internal] load build definition from Dockerfile', { started: 1, completed: 2 }),
      vertex('d', '[internal] load .dockerignore', { started: 1, completed: 2 }),
      vertex('e', '[internal] load build context', { started: 2, completed: 3 }),
      vertex('b', '[build 2/4] COPY . .', { started: 3, completed: 3, cached: true }),
      vertex('c', 'exporting to image', { started: 4, completed: 5 }),
    ]),
  );
  assert.deepEqual(lines.map((line) => line.text), ['[build 2/4] COPY . .', '[build 2/4] cached']);
});

test('the step that broke the build is found among those that were cancelled for it', () => {
  const progress = createProgress();
  progress.take(report([vertex('a', '[a 1/2] RUN sleep 9', { started: 1, completed: 3, error: 'process "sleep" : context canceled' })]));
  progress.take(report([vertex('b', '[b 1/2] RUN false', { started: 1, completed: 2, error: 'exit code: 1' })]));
  assert.deepEqual(progress.failure(), { step: '[b 1/2] RUN false', vertex: '[b 1/2] RUN false', error: 'exit code: 1' });
  assert.equal(createProgress().failure(), null);
});

test('a long or many-lined step name is cut', () => {
  const long = `[1/1] RUN ${'x'.repeat(500)}`;
  const texts = createProgress().take(report([vertex('a', '[1/2] RUN <<EOF\nx\nEOF', { started: 1 }), vertex('b', long, { started: 2 })]));
  assert.deepEqual(texts.map((line) => line.text), ['[1/2] RUN <<EOF …', `${long.slice(0, 200)} …`]);
});

test('only the last 40 lines of output are kept', () => {
  const progress = createProgress();
  progress.take(report([vertex('a', install, { started: 1 })], [log('a', 2, Array.from({ length: 100 }, (_, at) => `${at}\n`).join(''))]));
  assert.deepEqual(progress.tail(), Array.from({ length: 40 }, (_, at) => String(at + 60)));
});
