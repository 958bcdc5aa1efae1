import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { openSpool, removeLeftovers, type Spool } from '../../../src/build/spool.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

const run = promisify(execFile);
const dir = await mkdtemp(join(tmpdir(), 'kosuke-spool-'));
after(() => rm(dir, { recursive: true }));

async function fill(spool: Spool, chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of spool.keep(chunks)) assert.ok(chunk.length > 0);
}

async function* repeated(chunk: Buffer, times: number): AsyncGenerator<Buffer> {
  for (let time = 0; time < times; time++) yield chunk;
}

test('what was kept is read back by its parts, from a file that has no name and goes when it is closed', async () => {
  const spool = await openSpool(dir);
  await fill(spool, repeated(Buffer.from('0123456789'), 20_000));
  assert.equal(String(await spool.read(100_004, 8)), '45678901');
  assert.equal(String(await spool.read(199_990, 10)), '0123456789');
  await assert.rejects(spool.read(199_995, 10), /it is shorter than what was written/);
  assert.deepEqual(await readdir(dir), []);
  assert.equal((await openFiles()).length, 1);
  await spool.close();
  assert.deepEqual(await openFiles(), []);
});

test('more than it may hold is too large, the repository’s own failure', async () => {
  const spool = await openSpool(dir, 1_000);
  await fill(spool, repeated(Buffer.alloc(100), 10));
  await assert.rejects(fill(spool, repeated(Buffer.alloc(100), 11)), (error) => error instanceof KosukeError && error.failure.code === 'too-large' && error.failure.fault === 'app');
  await spool.close();
});

test('an error of the source is its own', async () => {
  const spool = await openSpool(dir);
  const cause = new Error('the archive broke');
  await assert.rejects(
    fill(spool, {
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('x');
        throw cause;
      },
    }),
    cause,
  );
  await spool.close();
});

test('a full disk is ours, by its name, as is a folder that is not there', async () => {
  const small = join(dir, 'small');
  await mkdir(small);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  try {
    const spool = await openSpool(small);
    await assert.rejects(fill(spool, repeated(Buffer.alloc(65_536, 'x'), 100)), failsWith('disk-full', 'There is no room on the disk for the files of a build'));
    await spool.close();
  } finally {
    await run('umount', [small]);
    await rm(small, { recursive: true });
  }
  await assert.rejects(openSpool(join(dir, 'nowhere')), failsWith('internal', 'The files of a build could not be put aside'));
});

test('what a killed program left under such a name is removed, not what is new or of another name', async () => {
  const old = new Date(Date.now() - 120_000);
  for (const name of ['kosuke-context-1-old', 'kosuke-context-2-new', 'kosuke-other']) await writeFile(join(dir, name), '');
  for (const name of ['kosuke-context-1-old', 'kosuke-other']) await utimes(join(dir, name), old, old);
  await removeLeftovers(dir);
  assert.deepEqual((await readdir(dir)).toSorted(), ['kosuke-context-2-new', 'kosuke-other']);
  await removeLeftovers(join(dir, 'nowhere'));
});

/** Files of this folder that this process has open. */
async function openFiles(): Promise<string[]> {
  const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return links.filter((target) => target.startsWith(dir));
}

function failsWith(code: string, what: string) {
  return (error: unknown) => {
    assert.ok(error instanceof KosukeError, String(error));
    assert.deepEqual([error.failure.code, error.failure.fault, error.retry, error.failure.what], [code, 'us', true, what]);
    assert.match(error.failure.why, /^in /);
    return true;
  };
}
