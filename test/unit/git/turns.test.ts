import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from '../../../src/git/turns.ts';

const never = new AbortController().signal;

test('work on one key goes one after the other in the order of asking, on different keys at once', async () => {
  const inTurn = createTurns();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const work = (name: string, until?: Promise<void>) => async () => {
    order.push(`${name} begins`);
    await until;
    order.push(`${name} ends`);
  };
  const all = [inTurn(1, never, work('a', first.promise)), inTurn(1, never, work('b')), inTurn(2, never, work('c'))];
  await all[2];
  first.resolve();
  await Promise.all(all);
  assert.deepEqual(order, ['a begins', 'c begins', 'c ends', 'a ends', 'b begins', 'b ends']);
});

test('a failure reaches its own caller only', async () => {
  const inTurn = createTurns();
  const failing = inTurn(1, never, () => Promise.reject(new Error('mine')));
  const after = inTurn(1, never, () => Promise.resolve('fine'));
  await assert.rejects(failing, /mine/);
  assert.equal(await after, 'fine');
});

test('one that gives up while it waits never begins, and those behind it still wait for those before it', async () => {
  const inTurn = createTurns();
  const first = Promise.withResolvers<void>();
  const caller = new AbortController();
  const order: string[] = [];
  const before = inTurn(1, never, async () => {
    await first.promise;
    order.push('first');
  });
  const givenUp = inTurn(1, caller.signal, () => Promise.reject(new Error('must not begin')));
  const behind = inTurn(1, never, () => Promise.resolve(order.push('third')));
  caller.abort(new Error('enough'));
  await assert.rejects(givenUp, /enough/);
  first.resolve();
  await Promise.all([before, behind]);
  assert.deepEqual(order, ['first', 'third']);
});
