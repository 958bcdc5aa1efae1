import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { KosukeError } from '../domain/errors.ts';

/** A private temporary file that has no name any more: whatever ends the program, its bytes are gone. */
export type Spool = {
  /** The chunks of `source` as they are, each written to the end of the file before it is handed on; a `KosukeError` (`too-large`, fault app) for more than 3 GiB. */
  keep(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** Exactly these bytes. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
};

/** Opens one in `dir`. All other errors of it are `KosukeError` (fault us): `disk-full`, else `internal`; those of a source stay as they are. */
export async function openSpool(dir: string, limitBytes: number = mostBytes): Promise<Spool> {
  const path = join(dir, `${prefix}${process.pid}-${randomBytes(8).toString('hex')}`);
  const file = await told(dir, async () => {
    const opened = await open(path, 'wx+', 0o600);
    try {
      await unlink(path);
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
  return {
    async *keep(source) {
      let length = 0;
      for await (const chunk of source) {
        if (length + chunk.length > limitBytes) throw tooLarge();
        await told(dir, () => writeAll(file, chunk, length));
        length += chunk.length;
        yield chunk;
      }
    },
    read: (position, length) => told(dir, () => readAll(file, position, length)),
    close: () => file.close(),
  };
}

/**
 * Removes what a program that was killed between the opening of a spool and the removal of its name, a moment later, left in `dir`: empty
 * files of that name. Others' files and those of the last minute stay. Never rejects.
 */
export async function removeLeftovers(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const path = join(dir, name);
    try {
      const found = await lstat(path);
      if (found.isFile() && found.uid === process.getuid?.() && Date.now() - found.mtimeMs > 60_000) await unlink(path);
    } catch {
      // Somebody else removed it.
    }
  }
}

/** A commit of 2 GiB, and what an archive puts around 200,000 paths of 32 MiB together. */
const mostBytes = 3 * 1024 ** 3;

/** What git counted before was less: it writes a file in the encoding that the attributes name. */
function tooLarge(): KosukeError {
  return new KosukeError({
    code: 'too-large',
    fault: 'app',
    what: 'The files of the commit are too large to be built here',
    why: 'written out they take more than 3 GiB',
    next: 'Take what the app does not need out of the repository, or `working-tree-encoding` out of .gitattributes, and push.',
  });
}

const prefix = 'kosuke-context-';

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
}

async function readAll(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) throw new Error('it is shorter than what was written');
    at += bytesRead;
  }
  return bytes;
}

async function told<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
    throw new KosukeError(
      {
        code: isFull ? 'disk-full' : 'internal',
        fault: 'us',
        what: isFull ? 'There is no room on the disk for the files of a build' : 'The files of a build could not be put aside',
        why: `in ${dir}: ${error instanceof Error ? error.message : String(error)}`,
        next: isFull ? 'It is tried again by itself. The operator can make room.' : 'It is tried again by itself. If it stays so, look whether the program may write there.',
      },
      { cause: error },
    );
  }
}
