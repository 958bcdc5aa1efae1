import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogLine, StoredLine } from '../../../src/domain/deployment.ts';
import { sizeOfLine } from '../../../src/domain/kept-log.ts';
import { createBuildLogs } from '../../../src/pages/build-log.ts';
import { createLogWindow } from '../../../src/pages/log-window.ts';
import { sampleTime } from '../gate/samples.ts';

const line = (text: string, step: string | null = null, stream: LogLine['stream'] = 'stdout'): LogLine => ({ at: sampleTime(1), step, stream, text });
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text);

/** As the store numbers them, when nothing was left out. */
function stored(lines: readonly LogLine[]): StoredLine[] {
  let end = 0;
  return lines.map((one, number) => ({ ...one, number, end: (end += sizeOfLine(one.text)) }));
}

/** The store's port over plain arrays, counting the lines it hands out. */
function logsOf(lines: Record<number, LogLine[]>) {
  const port = {
    handedOut: 0,
    async log(id: number, from = 0, limit = 10) {
      const slice = stored(lines[id] ?? []).filter(({ number }) => number >= from).slice(0, limit);
      port.handedOut += slice.length;
      return slice;
    },
  };
  return port;
}

const none = { lines: 0, bytes: 0 };
const newest = (lines: number) => ({ head: none, tail: { lines, bytes: 1e6 } });

describe('the log that pages show', () => {
  it('reads each line once, however many look at once', async () => {
    const lines = Array.from({ length: 2500 }, (_, n) => line(`line ${n}`));
    const port = logsOf({ 1: lines });
    const read = createBuildLogs(port, { logs: 5, ...newest(3) });
    const [first, second] = await Promise.all([read(1), read(1)]);
    assert.equal(first, second);
    assert.equal(first.next(), 2500);
    assert.deepEqual(texts(first.tail()), ['line 2497', 'line 2498', 'line 2499']);
    lines.push(line('more'));
    assert.equal((await read(1)).tail().at(-1)!.text, 'more');
    assert.equal(port.handedOut, 2501);
  });

  it('gives others their turn while it reads a long log', { timeout: 10_000 }, async () => {
    const read = createBuildLogs(logsOf({ 1: Array.from({ length: 6000 }, () => line('x')) }), { logs: 5, ...newest(2) });
    let turns = 0;
    let turning = setImmediate(function turn() {
      turns += 1;
      turning = setImmediate(turn);
    });
    await read(1).finally(() => clearImmediate(turning));
    assert.ok(turns >= 5, `${turns} turns`);
  });

  it('forgets the log that nobody asked for longest, and reads it anew', async () => {
    const port = logsOf({ 1: [line('one')], 2: [line('two')] });
    const read = createBuildLogs(port, { logs: 1, ...newest(9) });
    await read(1);
    await read(2);
    assert.deepEqual(texts((await read(1)).tail()), ['one']);
    assert.equal(port.handedOut, 3);
  });

  it('goes on after the store failed once', async () => {
    let broken = true;
    const read = createBuildLogs({ log: async () => (broken ? Promise.reject(new Error('down')) : stored([line('back')])) }, { logs: 1, ...newest(9) });
    await assert.rejects(read(1), /down/);
    broken = false;
    assert.deepEqual(texts((await read(1)).tail()), ['back']);
  });
});

describe('what is remembered of a log', () => {
  const limits = { head: { lines: 3, bytes: 20 }, tail: { lines: 2, bytes: 20 } };
  const windowOf = (portions: readonly (readonly StoredLine[])[]) => {
    const window = createLogWindow(limits);
    for (const portion of portions) window.take(portion);
    return [texts(window.head()), texts(window.tail()), window.leftOut()] as const;
  };
  const seven = stored(['0', '1', '2', '3', '4', '5', '6'].map((text) => line(text)));

  it('is all of a short one', () => {
    assert.deepEqual(windowOf([seven.slice(0, 5)]), [['0', '1', '2'], ['3', '4'], null]);
    assert.deepEqual(windowOf([]), [[], [], null]);
  });

  it('is the first and the last lines of a long one, and how much is left out, in whatever portions it comes', () => {
    for (const portions of [[seven], seven.map((one) => [one]), [seven.slice(0, 4), seven.slice(4)]]) {
      assert.deepEqual(windowOf(portions), [['0', '1', '2'], ['5', '6'], { lines: 2, bytes: 4 }]);
    }
  });

  it('is bounded by bytes as by lines', () => {
    const long = stored([line('a'.repeat(15)), line('b'.repeat(15)), line('c'.repeat(15)), line('d')]);
    assert.deepEqual(windowOf([long]), [['a'.repeat(15)], ['c'.repeat(15), 'd'], { lines: 1, bytes: 16 }]);
  });

  it('has one gap, also when the store left lines out between two reads', () => {
    assert.deepEqual(windowOf([seven.slice(0, 4), seven.slice(6)]), [['0', '1', '2'], ['6'], { lines: 3, bytes: 6 }]);
  });

  const stepsOf = (...lines: LogLine[]) => {
    const window = createLogWindow(limits);
    window.take(stored(lines));
    return window.steps().map(({ name, cached, ended }) => [name, cached, ended]);
  };

  it('knows the steps, those that came from the cache, and how they ended', () => {
    const marks = ['[1/4] FROM x', '[1/4] cached', '[2/4] RUN y', '[2/4] done in 1.2 s', '[3/4] RUN z', '[3/4] failed', '[4/4] RUN w'].map((text) =>
      line(text, { '[1/4': '[1/4] FROM x', '[2/4': '[2/4] RUN y', '[3/4': '[3/4] RUN z', '[4/4': '[4/4] RUN w' }[text.slice(0, 4)]!, 'step'),
    );
    assert.deepEqual(stepsOf(...marks, line('[4/4] cached', '[4/4] RUN w')), [
      ['[1/4] FROM x', true, 'done'],
      ['[2/4] RUN y', false, 'done'],
      ['[3/4] RUN z', false, 'failed'],
      ['[4/4] RUN w', false, null],
    ]);
    assert.deepEqual(stepsOf(line('x', '\u001b[1mstep')), [['step', false, null]]);
  });

  it('forgets the steps of an attempt when the next one begins', () => {
    const begun = (name: string) => line(name, name, 'step');
    assert.deepEqual(stepsOf(begun('[1/2] FROM x'), begun('[2/2] RUN y'), line('half', '[2/2] RUN y'), begun('[1/2] FROM x')), [['[1/2] FROM x', false, null]]);
  });
});
