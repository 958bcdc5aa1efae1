import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract, pack } from 'tar-stream';
import { withFile } from '../../../src/build/context.ts';

async function tarOf(files: [string, string][]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of files) tar.entry({ name }, content);
  tar.finalize();
  // As git does: filled up to 10 KiB.
  const bytes = await buffer(Readable.from(tar));
  return Buffer.concat([bytes, Buffer.alloc((10_240 - (bytes.length % 10_240)) % 10_240)]);
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function filesOf(bytes: Buffer): Promise<[string, string][]> {
  const files: [string, string][] = [];
  const entries = extract();
  entries.end(bytes);
  for await (const entry of entries) files.push([entry.header.name, (await buffer(entry)).toString()]);
  return files;
}

const files: [string, string][] = [
  ['Dockerfile', 'FROM old'],
  ['empty', ''],
  ['exact', 'x'.repeat(512)],
  ['large', 'y'.repeat(5_000)],
  [`long/${'n'.repeat(150)}/${'m'.repeat(150)}`, 'z'],
];

test('the file comes last and everything else stays as it is, however the tar is cut', async () => {
  const tar = await tarOf(files);
  for (const size of [1, 511, 512, 513, 4_096, tar.length]) {
    const out = await buffer(withFile(chunksOf(tar, size), 'Dockerfile', 'FROM new\n'));
    assert.deepEqual(await filesOf(out), [...files, ['Dockerfile', 'FROM new\n']], `chunks of ${size}`);
  }
});

test('a tar that stops before its end mark is refused, wherever it stops', async () => {
  const tar = await tarOf(files);
  const end = tar.lastIndexOf('z') + 511;
  for (const length of [0, 100, 512, 700, 2_000, end]) {
    await assert.rejects(buffer(withFile(chunksOf(tar.subarray(0, length), 300), 'Dockerfile', 'x')), /stopped before its end/, String(length));
  }
});

test('what is no tar is refused', async () => {
  await assert.rejects(buffer(withFile(chunksOf(Buffer.alloc(2_000, 'x'), 300), 'Dockerfile', 'x')), /cannot be read/);
});
