import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { aQueued, at } from './fixtures.ts';

let store: Store;
let close: () => Promise<void>;
before(async () => ({ store, close } = await testStore()));
after(() => close());

const line = (text: string): LogLine => ({ at: at(1), step: 'RUN make', stream: 'stdout', text });
const texts = (lines: LogLine[]) => lines.map(({ text }) => text);

test('lines come back in order, whole, and from any number on', async () => {
  const { deployment } = await aQueued(store);
  const first: LogLine[] = [line('one'), { at: at(2), step: null, stream: 'note', text: 'two' }];
  await store.deployments.addLog(deployment.id, first);
  await store.deployments.addLog(deployment.id, []);
  await store.deployments.addLog(deployment.id, [line('three'), line('four')]);
  assert.deepEqual((await store.deployments.log(deployment.id)).slice(0, 2), [{ ...first[0], number: 0, end: 4 }, { ...first[1], number: 1, end: 8 }]);
  assert.deepEqual(texts(await store.deployments.log(deployment.id, 1, 2)), ['two', 'three']);
  assert.deepEqual(await store.deployments.log(deployment.id, 4), []);
});

test('ten thousand lines are one batch', async () => {
  const { deployment } = await aQueued(store);
  await store.deployments.addLog(deployment.id, Array.from({ length: 10_000 }, (_, n) => line(`line ${n}`)));
  assert.deepEqual(texts(await store.deployments.log(deployment.id, 9_998)), ['line 9998', 'line 9999']);
});

describe('of the log of a deployment, however often it is built, the first and last 512 KiB stay', () => {
  const half = 512 * 1024;
  const kept = async (portions: readonly LogLine[][]) => {
    const { deployment } = await aQueued(store);
    for (const portion of portions) await store.deployments.addLog(deployment.id, portion);
    const stored = await store.deployments.log(deployment.id, 0, 1_000_000);
    const jump = stored.findIndex((one, at) => one.number !== at);
    const size = (lines: LogLine[]) => lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    const [first, last] = jump === -1 ? [stored, []] : [stored.slice(0, jump), stored.slice(jump)];
    return { first, last, bytes: [size(first), size(last)] as const };
  };
  const numbered = (from: number, to: number, text: (n: number) => string) => Array.from({ length: to - from }, (_, at) => line(text(from + at)));
  const inPortions = (count: number, portion: number, text: (n: number) => string) =>
    Array.from({ length: Math.ceil(count / portion) }, (_, at) => numbered(at * portion, Math.min(count, (at + 1) * portion), text));

  test('of 10 MB in lines of usual length', async () => {
    const { first, last, bytes } = await kept(inPortions(50_000, 500, (n) => `${n} `.padEnd(105, 'é')));
    assert.ok(bytes[0] > 500_000 && bytes[0] <= half, String(bytes[0]));
    assert.ok(bytes[1] > 500_000 && bytes[1] <= half, String(bytes[1]));
    assert.equal(first[0]?.text.slice(0, 2), '0 ');
    assert.equal(last.at(-1)?.text.slice(0, 6), '49999 ');
    assert.equal(last.at(-1)?.number, 49_999);
    assert.deepEqual(last.map(({ number }) => number), last.map((_, at) => last[0]!.number + at));
  });

  test('of 10 MB in one line, the first 8 KiB of it', async () => {
    const { first, last, bytes } = await kept([[line('x'.repeat(10_000_000))]]);
    assert.deepEqual([first.length, last.length, bytes[0]], [1, 0, 8_192]);
  });

  test('of lines as long as lines can be', async () => {
    const { first, last } = await kept(inPortions(1_300, 100, () => 'x'.repeat(9_000)));
    assert.deepEqual([first.length, last.length], [63, 63]);
  });

  test('of lines without end that are empty, ten thousand and two and a half thousand', async () => {
    const { first, last } = await kept(inPortions(60_000, 10_000, () => ''));
    assert.deepEqual([first.length, last.length, last.at(-1)?.number], [10_000, 2_500, 59_999]);
  });

  test('all of one that is no longer than that, and not one line more, in whatever portions it comes', async () => {
    for (const portion of [1_250, 12_500]) {
      const { first, last } = await kept(inPortions(12_500, portion, String));
      assert.deepEqual([first.length, last.length], [12_500, 0]);
    }
    const { first, last } = await kept([numbered(0, 10_000, String), numbered(10_000, 12_501, String)]);
    assert.deepEqual([first.at(-1)?.text, last[0]?.text, last.at(-1)?.text], ['9999', '10001', '12500']);
  });
});

test('a line is heard of by who looks on, once it is there', async () => {
  const { deployment } = await aQueued(store);
  const seen: string[][] = [];
  const end = store.signals.on('deployment', (payload) => {
    if (payload === String(deployment.id)) void store.deployments.log(deployment.id).then((lines) => seen.push(texts(lines)));
  });
  await store.deployments.addLog(deployment.id, [line('one'), line('two')]);
  await eventually('it is heard', () => seen.length > 0);
  end();
  assert.deepEqual(seen, [['one', 'two']]);
});

test('two writers at once lose no line', async () => {
  const { deployment } = await aQueued(store);
  await Promise.all(Array.from({ length: 20 }, (_, n) => store.deployments.addLog(deployment.id, [line(`${n}a`), line(`${n}b`)])));
  const read = texts(await store.deployments.log(deployment.id));
  assert.equal(new Set(read).size, 40);
  for (let n = 0; n < 40; n += 2) assert.equal(read[n]?.replace('a', 'b'), read[n + 1]);
});

test('what a database cannot hold is dropped or cut, between characters', async () => {
  const { deployment } = await aQueued(store);
  await store.deployments.addLog(deployment.id, [line('a\0b'), line('x\ud800y'), line(`é${'🚀'.repeat(4_000)}`), line('x'.repeat(8_192)), line('y'.repeat(8_193))]);
  const [nul, half, long, just, over] = texts(await store.deployments.log(deployment.id));
  assert.deepEqual([nul, half], ['ab', 'x\ufffdy']);
  assert.equal(long, `é${'🚀'.repeat(2_047)}`);
  assert.equal(just, 'x'.repeat(8_192));
  assert.equal(over, 'y'.repeat(8_192));
});

test('lines for a deployment that is not there are an error', async () => {
  await assert.rejects(store.deployments.addLog(999_999, [line('lost')]), (error) => error instanceof KosukeError && !error.retry);
});
