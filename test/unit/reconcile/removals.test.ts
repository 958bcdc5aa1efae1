import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemovals } from '../../../src/reconcile/removals.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 10, 23) + ms);

test('five of an installation, or 30 % of what it has, go on one reading; the others when they are read again 10 s later', () => {
  for (const [wanted, free] of [[6, 5], [20, 6], [100, 30]] as const) {
    const removals = createRemovals();
    for (let id = 1; id <= wanted; id += 1) assert.equal(removals.mayGo(1, id, wanted, at(0)), id <= free, `${id} of ${wanted}`);
    assert.equal(removals.mayGo(1, wanted, wanted, at(9_999)), false);
    assert.equal(removals.mayGo(1, wanted, wanted, at(10_000)), true);
    assert.equal(removals.mayGo(2, 1_000, 10, at(0)), true, 'another installation');
  }
});

test('what was read as gone ten minutes ago counts no more', () => {
  const removals = createRemovals();
  for (let id = 1; id <= 6; id += 1) removals.mayGo(1, id, 6, at(0));
  assert.equal(removals.mayGo(1, 7, 6, at(599_999)), false);
  assert.equal(removals.mayGo(1, 8, 6, at(600_001)), true);
});

test('what is wanted again is read twice again before it goes with many', () => {
  const removals = createRemovals();
  for (let id = 1; id <= 20; id += 1) removals.mayGo(1, id, 20, at(0));
  for (let id = 1; id <= 20; id += 1) removals.stays(1, id);
  const gone = Array.from({ length: 20 }, (_, index) => removals.mayGo(1, index + 1, 20, at(300_000)));
  assert.equal(gone.filter(Boolean).length, 6);
});
