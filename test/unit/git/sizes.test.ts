import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createSizes } from '../../../src/git/sizes.ts';

const place = (sha: string) => ({ mirror: 'm', sha, limitMs: 1_000, onDamage: () => undefined });

test('a commit is counted once for all who ask, and again after it failed', async () => {
  let counts = 0;
  const size = createSizes(async () => {
    counts += 1;
    await delay(5);
    if (counts === 1) throw new Error('too large');
  });
  const { signal } = new AbortController();
  await Promise.all([assert.rejects(size(place('a'), signal)), assert.rejects(size(place('a'), signal))]);
  await Promise.all([size(place('a'), signal), size(place('a'), signal)]);
  await size(place('a'), signal);
  assert.equal(counts, 2);
});

test('who gives up does so alone; the last one ends the counting', async () => {
  const ended: unknown[] = [];
  const size = createSizes((_there, signal) => delay(60_000, undefined, { signal }).catch((error: unknown) => {
    ended.push(signal.reason);
    throw error;
  }));
  const [first, second] = [new AbortController(), new AbortController()];
  const [one, two] = [size(place('a'), first.signal), size(place('a'), second.signal)];
  first.abort(new Error('overtaken'));
  await assert.rejects(one, /overtaken/);
  assert.deepEqual(ended, []);
  second.abort(new Error('closed'));
  await assert.rejects(two);
  assert.deepEqual(ended.map(String), ['Error: closed']);
});
