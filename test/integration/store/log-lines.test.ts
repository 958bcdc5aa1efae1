import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
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
  assert.deepEqual((await store.deployments.log(deployment.id)).slice(0, 2), first);
  assert.deepEqual(texts(await store.deployments.log(deployment.id, 1, 2)), ['two', 'three']);
  assert.deepEqual(await store.deployments.log(deployment.id, 4), []);
});

test('ten thousand lines are one batch', async () => {
  const { deployment } = await aQueued(store);
  await store.deployments.addLog(deployment.id, Array.from({ length: 10_000 }, (_, n) => line(`line ${n}`)));
  assert.deepEqual(texts(await store.deployments.log(deployment.id, 9_998)), ['line 9998', 'line 9999']);
});

test('a deployment keeps its first fifty thousand lines', async () => {
  const { deployment } = await aQueued(store);
  for (let n = 0; n < 5; n++) await store.deployments.addLog(deployment.id, Array.from({ length: 9_999 }, () => line('')));
  await store.deployments.addLog(deployment.id, Array.from({ length: 10 }, (_, n) => line(`last ${n}`)));
  await store.deployments.addLog(deployment.id, [line('over')]);
  assert.deepEqual(texts(await store.deployments.log(deployment.id, 49_999)), ['last 4']);
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
