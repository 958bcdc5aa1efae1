import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineSplitter, lineLimit } from '../../../src/build/lines.ts';

const split = (chunks: Buffer[]): string[] => {
  const splitter = createLineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
};

test('lines and characters survive any cut between chunks', () => {
  const text = 'one\ntwö €\r\n\nthree';
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(split([bytes.subarray(0, at), bytes.subarray(at)]), ['one', 'twö €', '', 'three'], `cut at ${at}`);
  }
  assert.deepEqual(split([...bytes].map((byte) => Buffer.from([byte]))), ['one', 'twö €', '', 'three']);
});

test('a line without end is cut at the limit, and the next line is whole', () => {
  const chunks = Array.from({ length: 100 }, () => Buffer.alloc(1_000, 'x'));
  const lines = split([...chunks, Buffer.from('\nnext\n')]);
  assert.equal(lines[0], `${'x'.repeat(lineLimit)}…`);
  assert.deepEqual(lines.slice(1), ['next']);
  assert.deepEqual(split([Buffer.alloc(lineLimit, 'x')]), ['x'.repeat(lineLimit)]);
});

test('nothing gives no line', () => {
  assert.deepEqual(split([]), []);
  assert.deepEqual(split([Buffer.from('one\n')]), ['one']);
});
