import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastBytes, unframe } from '../../../src/docker/logs.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

test('stdout and stderr come out in the order in which they were written', () => {
  const framed = Buffer.concat([frame(1, 'one\n'), frame(2, 'two\n'), frame(1, ''), frame(1, 'thr'), frame(1, 'ee\n')]);
  assert.equal(unframe(framed).toString(), 'one\ntwo\nthree\n');
  assert.equal(unframe(Buffer.alloc(0)).toString(), '');
});

test('a cut frame gives what is there', () => {
  assert.equal(unframe(frame(1, 'abcdef').subarray(0, 11)).toString(), 'abc');
  assert.equal(unframe(Buffer.from([1, 0, 0])).toString(), '');
});

test('a tail starts at a line and never in the middle of a character', () => {
  const tail = (text: string, bytes: number): string => lastBytes(Buffer.from(text), bytes);
  assert.equal(tail('one\ntwo\n', 100), 'one\ntwo\n');
  assert.equal(tail('one\ntwo\n', 6), 'two\n');
  assert.equal(tail('one\ntwo\n', 4), 'two\n');
  assert.equal(tail('onetwo\n', 4), 'two\n');
  assert.equal(tail('ééé', 3), 'é');
  assert.equal(tail('ééé', 4), 'éé');
});
