import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogLimit } from '../../../src/build/log-limit.ts';
import { createProgress } from '../../../src/build/progress.ts';
import type { LogLine } from '../../../src/domain/deployment.ts';

const line = (text: string): LogLine => ({ at: new Date(1), step: 'RUN make', stream: 'stdout', text });
const texts = (lines: LogLine[]) => lines.map(({ text }) => text);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => String(from + at));
const none = { lines: 0, bytes: 0 };
const plenty = { lines: 1_000, bytes: 1_000_000 };
const notice = 'The log is long: of what comes from here on, only the end is kept, and shown when the build is over';

test('a log of usual length passes as it comes', () => {
  const limit = createLogLimit({ lines: 5, bytes: 100 }, none, { lines: 2, bytes: 100 });
  assert.deepEqual(texts(limit.take(numbers(0, 3), line)), ['0', '1', '2']);
  assert.deepEqual(limit.take(numbers(3, 5), line), [line('3'), line('4')]);
  assert.deepEqual(limit.end(9), []);
});

test('of a long log the beginning is told, then that it is long, and at the end how much is left out', () => {
  for (const portion of [1, 3, 7, 20]) {
    const limit = createLogLimit({ lines: 5, bytes: 100 }, none, { lines: 3, bytes: 100 });
    const told: LogLine[] = [];
    for (let at = 0; at < 20; at += portion) told.push(...limit.take(numbers(at, Math.min(20, at + portion)), line));
    assert.deepEqual(texts(told), ['0', '1', '2', '3', '4', notice], `portions of ${portion}`);
    assert.equal(told.at(-1)?.stream, 'note');
    const last = limit.end(9);
    assert.deepEqual(texts(last), ['12 lines are left out here', '17', '18', '19']);
    assert.deepEqual(last[0], { at: new Date(9), step: null, stream: 'note', text: '12 lines are left out here' });
    assert.deepEqual(limit.end(9), []);
  }
});

test('few lines that are left when the log ends are told without a gap', () => {
  const limit = createLogLimit({ lines: 2, bytes: 100 }, none, { lines: 3, bytes: 100 });
  assert.deepEqual(texts([...limit.take(numbers(0, 5), line), ...limit.end(9)]), ['0', '1', notice, '2', '3', '4']);
});

test('bytes are limited as lines are, a line counting its end', () => {
  const head = createLogLimit({ lines: 1_000, bytes: 9 }, none, plenty);
  assert.deepEqual(texts(head.take(['éé', 'abc', ''], line)), ['éé', 'abc', notice]);
  const tail = createLogLimit(none, none, { lines: 1_000, bytes: 9 });
  tail.take(['x', 'éé', 'abc'], line);
  assert.deepEqual(texts(tail.end(1)), ['1 line is left out here', 'éé', 'abc']);
});

test('what says where the build is comes through also when the log is long, in bounds of its own', () => {
  const limit = createLogLimit({ lines: 2, bytes: 100 }, { lines: 2, bytes: 100 }, { lines: 2, bytes: 100 });
  const told = [...limit.mark(line('begun')), ...limit.take(numbers(0, 9), line), ...limit.mark(line('done')), ...limit.mark(line('next')), ...limit.mark(line('over'))];
  assert.deepEqual(texts(told), ['begun', '0', notice, 'done', 'next']);
  assert.deepEqual(texts(limit.end(9)), ['7 lines are left out here', '8', 'over']);
});

test('steps and output without end, empty or not, give a log of bounded length', () => {
  for (const piece of ['\n', `${'x'.repeat(500)}\n`]) {
    const progress = createProgress();
    const lines: LogLine[] = [];
    for (let at = 0; at < 50; at++) {
      const vertex = { digest: `v${at}`, name: `[${at}/50] RUN flood`, cached: false, started: at, completed: null, error: '' };
      const flood = { vertex: `v${at}`, at: at + 0.5, stderr: false, bytes: Buffer.from(piece.repeat(Math.ceil(100_000 / piece.length))) };
      lines.push(...progress.take({ vertexes: [vertex], logs: [flood] }));
    }
    lines.push(...progress.end());
    assert.ok(lines.length <= 12_202, String(lines.length));
    assert.ok(lines.reduce((sum, { text }) => sum + text.length, 0) <= 1_048_576);
    assert.equal(lines[0]?.text, '[0/50] RUN flood');
    assert.equal(lines.filter(({ text }) => text === notice).length, 1);
    assert.equal(lines.filter(({ text }) => text.endsWith('lines are left out here')).length, 1);
  }
  const steps = createProgress();
  const many = Array.from({ length: 30_000 }, (_, at) => ({ digest: `v${at}`, name: `[${at}/30000] RUN x`, cached: false, started: at, completed: at, error: '' }));
  const told = [...steps.take({ vertexes: many, logs: [] }), ...steps.end()];
  assert.ok(told.length <= 12_202);
  assert.equal(told.at(-1)?.text, '[29999/30000] done in 0.0 s');
});
