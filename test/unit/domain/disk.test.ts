import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToFree, leastFreeBytes, shortOf, type Space } from '../../../src/domain/disk.ts';

const gib = 1024 ** 3;
const space = (freeGib: number, totalGib: number, of: Space['of'] = 'engine'): Space => ({ of, freeBytes: freeGib * gib, totalBytes: totalGib * gib });

test('a tenth of a small disk and 1 GiB of a large one are left to what runs', () => {
  assert.equal(leastFreeBytes(space(0, 2)), Math.floor(0.2 * gib));
  assert.equal(leastFreeBytes(space(0, 500)), gib);
});

test('the first disk with less than that is short', () => {
  assert.equal(shortOf([]), null);
  assert.equal(shortOf([space(1, 500), space(0.2, 2, 'data')]), null);
  assert.deepEqual(shortOf([space(1, 500), space(0.19, 2, 'data')]), space(0.19, 2, 'data'));
});

test('what is beyond the budget goes, or what is missing on a disk that is nearly full, whichever is more', () => {
  const usage = { imageBytes: 6 * gib, cacheBytes: 5 * gib };
  const table: [string, Space[], number | null, number][] = [
    ['within a budget', [space(50, 100)], 11 * gib, 0],
    ['beyond a budget', [space(50, 100)], 10 * gib, gib],
    ['no budget', [space(50, 100)], Infinity, 0],
    ['half of the disk by itself', [space(5, 20)], null, gib],
    ['a disk that cannot be measured', [], null, 0],
    ['only the other disk can', [space(0, 1, 'data')], null, 0],
    ['a full disk, whatever the budget', [space(0.5, 100)], Infinity, 1.5 * gib],
    ['both', [space(0.5, 20)], null, 1.5 * gib],
  ];
  for (const [name, spaces, budget, expected] of table) assert.equal(bytesToFree(usage, spaces, budget), expected, name);
});
