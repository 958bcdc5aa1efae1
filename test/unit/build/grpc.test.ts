import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, messagesOf } from '../../../src/build/grpc.ts';

async function read(bytes: Buffer, size: number): Promise<string[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const messages: string[] = [];
  for await (const some of messagesOf(chunks())) messages.push(...some.map(String));
  return messages;
}

test('messages are what was framed, however the stream is cut', async () => {
  const bytes = Buffer.concat([...framed(Buffer.from('one')), ...framed(Buffer.alloc(0)), ...framed(Buffer.from('t'), Buffer.from('wo')), ...framed(Buffer.from('x'.repeat(300)))]);
  for (const size of [1, 4, 5, 7, 1_000]) assert.deepEqual(await read(bytes, size), ['one', '', 'two', 'x'.repeat(300)], String(size));
});

test('a message that is compressed, too long or cut off is an error', async () => {
  await assert.rejects(read(Buffer.from([1, 0, 0, 0, 0]), 5), /cannot be read/);
  await assert.rejects(read(Buffer.from([0, 0, 0x10, 0, 1]), 5), /cannot be read/);
  await assert.rejects(read(Buffer.from([0, 0, 0, 0, 2, 1]), 3), /within a message/);
});
