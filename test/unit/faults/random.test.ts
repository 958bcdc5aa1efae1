import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../../faults/lab/random.ts';

test('the same seed of the fault laboratory brings the same faults again, another one others', () => {
  const drawn = (seed: number) => {
    const random = randomFrom(seed);
    return [random.next(), random.below(1_000_000), ...random.shuffled([1, 2, 3, 4, 5, 6, 7, 8])];
  };
  assert.deepEqual(drawn(7), drawn(7));
  assert.notDeepEqual(drawn(7), drawn(8));
  assert.deepEqual(randomFrom(7).shuffled([3, 1, 2]).toSorted(), [1, 2, 3]);
});
