import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { createBuildLogs } from '../../../src/pages/build-log.ts';
import { sampleTime } from '../gate/samples.ts';

const line = (text: string, step: string | null = null, stream: LogLine['stream'] = 'stdout'): LogLine => ({ at: sampleTime(1), step, stream, text });

/** The store's port over plain arrays, counting the lines it hands out. */
function logsOf(lines: Record<number, LogLine[]>) {
  const port = {
    handedOut: 0,
    async log(id: number, from = 0, limit = 10) {
      const slice = (lines[id] ?? []).slice(from, from + limit);
      port.handedOut += slice.length;
      return slice;
    },
  };
  return port;
}

describe('the log that pages show', () => {
  it('reads each line once, however many look at once', async () => {
    const lines = Array.from({ length: 2500 }, (_, n) => line(`line ${n}`));
    const port = logsOf({ 1: lines });
    const read = createBuildLogs(port, { logs: 5, lines: 3 });
    const [first, second] = await Promise.all([read(1), read(1)]);
    assert.deepEqual(first, second);
    assert.equal(first.count, 2500);
    assert.deepEqual(first.lines.map(({ text }) => text), ['line 2497', 'line 2498', 'line 2499']);
    lines.push(line('more'));
    assert.equal((await read(1)).lines.at(-1)!.text, 'more');
    assert.equal(port.handedOut, 2501);
  });

  it('knows the steps, and those that came from the cache', async () => {
    const read = createBuildLogs(logsOf({ 1: [line('[1/2] FROM x', '[1/2] FROM x', 'step'), line('[1/2] cached', '[1/2] FROM x', 'step'), line('cached is only a word here', '[2/2] RUN y')] }), { logs: 5, lines: 9 });
    const { steps } = await read(1);
    assert.deepEqual(steps.map(({ name, cached }) => [name, cached]), [['[1/2] FROM x', true], ['[2/2] RUN y', false]]);
  });

  it('hands out inert, bounded text', async () => {
    const read = createBuildLogs(logsOf({ 1: [line(`\u001b[31m${'x'.repeat(5000)}`, '\u001b[1mstep')] }), { logs: 5, lines: 9 });
    const { lines, steps } = await read(1);
    assert.equal(lines[0]!.text, `${'x'.repeat(1000)}…`);
    assert.equal(steps[0]!.name, 'step');
  });

  it('gives others their turn while it reads a long log, hostile or not', { timeout: 10_000 }, async () => {
    const hostile = Array.from({ length: 2000 }, () => line(`${'\r'.repeat(8000)}x`));
    const read = createBuildLogs(logsOf({ 1: hostile }), { logs: 5, lines: 2 });
    const reading = read(1).then(({ lines, count }) => ({ over: true, count, texts: lines.map(({ text }) => text) }));
    let turns = 0;
    for (;;) {
      const found = await Promise.race([reading, new Promise<{ over: false }>((resolve) => setImmediate(() => resolve({ over: false })))]);
      if (found.over) {
        assert.deepEqual(found, { over: true, count: 2000, texts: ['x', 'x'] });
        break;
      }
      turns += 1;
    }
    assert.ok(turns >= 5, `${turns} turns`);
  });

  it('reads no further than its limits, and says so', async () => {
    const port = logsOf({ 1: Array.from({ length: 1000 }, (_, n) => line(`line ${n}`)), 2: [line('x'.repeat(60)), line('y'.repeat(60))], 3: Array.from({ length: 300 }, () => line('x')) });
    const read = createBuildLogs(port, { logs: 5, lines: 1, most: { lines: 300, characters: 1e6 } });
    const { lines, count, cut } = await read(1);
    assert.deepEqual([lines.map(({ text }) => text), count, cut], [['line 299'], 300, true]);
    const before = port.handedOut;
    assert.equal((await read(1)).count, 300);
    assert.equal(port.handedOut, before, 'what is behind the limit is not asked for again');
    const few = createBuildLogs(port, { logs: 5, lines: 9, most: { lines: 300, characters: 100 } });
    const second = await few(2);
    assert.deepEqual([second.lines.map(({ text }) => text[0]), second.cut], [['x'], true]);
    assert.equal((await read(3)).cut, false, 'exactly as long as the limit');
  });

  it('forgets the log that nobody asked for longest, and reads it anew', async () => {
    const port = logsOf({ 1: [line('one')], 2: [line('two')] });
    const read = createBuildLogs(port, { logs: 1, lines: 9 });
    await read(1);
    await read(2);
    assert.deepEqual((await read(1)).lines.map(({ text }) => text), ['one']);
    assert.equal(port.handedOut, 3);
  });

  it('goes on after the store failed once', async () => {
    let broken = true;
    const read = createBuildLogs({ log: async () => (broken ? Promise.reject(new Error('down')) : [line('back')]) }, { logs: 1, lines: 9 });
    await assert.rejects(read(1), /down/);
    broken = false;
    assert.equal((await read(1)).count, 1);
  });
});
