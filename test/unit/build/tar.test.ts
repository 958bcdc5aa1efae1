import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { pack } from 'tar-stream';
import { tarEntries, type TarEntry } from '../../../src/build/tar.ts';

const deep = `long/${'n'.repeat(150)}/${'é'.repeat(80)}`;
const far = `../${'t'.repeat(150)}`;
const at = new Date(1_700_000_000_000);

async function tarOfAllKinds(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'Dockerfile', mtime: at }, 'FROM old');
  tar.entry({ name: 'bin/', type: 'directory', mode: 0o775, mtime: at });
  tar.entry({ name: 'bin/run', mode: 0o775, mtime: at }, 'x'.repeat(512));
  tar.entry({ name: 'empty', mtime: at }, '');
  tar.entry({ name: 'link', type: 'symlink', linkname: '/etc/passwd', mtime: at });
  tar.entry({ name: 'far', type: 'symlink', linkname: far, mtime: at });
  tar.entry({ name: deep, mtime: at }, 'y'.repeat(5_000));
  tar.finalize();
  // As git does: filled up to 10 KiB.
  const bytes = await buffer(Readable.from(tar));
  return Buffer.concat([bytes, Buffer.alloc((10_240 - (bytes.length % 10_240)) % 10_240)]);
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function all(tar: AsyncIterable<Buffer>): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of tarEntries(tar)) entries.push(entry);
  return entries;
}

test('the entries of an archive are read with all that is said of them, however it is cut', async () => {
  const tar = await tarOfAllKinds();
  for (const size of [1, 511, 512, 513, 4_096, tar.length]) {
    const entries = await all(chunksOf(tar, size));
    assert.deepEqual(
      entries.map(({ kind, path, target, mode, size: length, mtime, notText }) => [kind, path, target, mode, length, mtime, notText]),
      [
        ['file', 'Dockerfile', '', 0o644, 8, 1_700_000_000, null],
        ['folder', 'bin', '', 0o775, 0, 1_700_000_000, null],
        ['file', 'bin/run', '', 0o775, 512, 1_700_000_000, null],
        ['file', 'empty', '', 0o644, 0, 1_700_000_000, null],
        ['link', 'link', '/etc/passwd', 0o644, 0, 1_700_000_000, null],
        ['link', 'far', far, 0o644, 0, 1_700_000_000, null],
        ['file', deep, '', 0o644, 5_000, 1_700_000_000, null],
      ],
      `chunks of ${size}`,
    );
    const contents = entries.map(({ offset, size: length }) => tar.toString('latin1', offset, offset + length));
    assert.deepEqual(contents, ['FROM old', '', 'x'.repeat(512), '', '', '', 'y'.repeat(5_000)], `chunks of ${size}`);
  }
});

test('an archive that stops before its end mark is refused, wherever it stops', async () => {
  const tar = await tarOfAllKinds();
  const end = tar.lastIndexOf('y') + 1;
  for (const length of [0, 100, 512, 700, 2_000, end, Math.ceil(end / 512) * 512]) {
    await assert.rejects(all(chunksOf(tar.subarray(0, length), 300)), /stopped before its end/, String(length));
  }
});

test('what git does not write is refused', async () => {
  await assert.rejects(all(chunksOf(Buffer.alloc(2_000, 'x'), 300)), /a size that cannot be read/);
  const tar = await tarOfAllKinds();
  const withType = Buffer.from(tar);
  withType[156] = '1'.charCodeAt(0);
  await assert.rejects(all(chunksOf(withType, 300)), /an entry of the type "1"/);
  const withRecords = Buffer.from(tar);
  const record = withRecords.indexOf(' path=') - 3;
  for (const broken of ['999', '  0', 'x  ', '  4']) {
    withRecords.write(broken, record);
    await assert.rejects(all(chunksOf(withRecords, 300)), /a record that cannot be read/, broken);
  }
});

test('a name or a target that is not UTF-8 is told by its bytes', async () => {
  const tar = await tarOfAllKinds();
  tar.write('caf\xe9', 0, 'latin1');
  tar.write('\xff', tar.indexOf('/etc/passwd'), 'latin1');
  const told = (await all(chunksOf(tar, 1_000))).flatMap(({ path, notText }) => (notText === null ? [] : [[path, notText.toString('latin1')]]));
  assert.deepEqual(told, [
    ['caf\uFFFDerfile', 'caf\xe9erfile'],
    ['link', '\xffetc/passwd'],
  ]);
});

test('an error of the source reaches the reader, also behind the end mark, and a reader that leaves ends the source', async () => {
  const tar = await tarOfAllKinds();
  for (const length of [4_096, tar.length]) {
    async function* broken(): AsyncGenerator<Buffer> {
      yield tar.subarray(0, length);
      throw new Error('the archive broke');
    }
    await assert.rejects(all(broken()), /the archive broke/, String(length));
  }

  let ended = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield tar.subarray(0, 1_024);
    } finally {
      ended = true;
    }
  }
  for await (const entry of tarEntries(endless())) if (entry !== undefined) break;
  assert.ok(ended);
});
