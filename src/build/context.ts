import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/**
 * The tar with one more file at its end, which takes the place of one of that name. All other bytes pass as they are. Throws when the
 * tar stops before its end mark, so that half a context is never built.
 */
export async function* withFile(tar: AsyncIterable<Buffer>, name: string, content: string): AsyncGenerator<Buffer> {
  let kept: Buffer = Buffer.alloc(0);
  let payload = 0;
  let ended = false;
  for await (const chunk of tar) {
    // What follows the end mark is filling; it is read all the same, since only the end of the stream says that all went well.
    if (ended) continue;
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    let at = Math.min(payload, kept.length);
    payload -= at;
    while (payload === 0 && at + blockLength <= kept.length) {
      const header = kept.subarray(at, at + blockLength);
      ended = header.every((byte) => byte === 0);
      if (ended) break;
      const length = blockLength + paddedSize(header);
      const step = Math.min(length, kept.length - at);
      at += step;
      payload = length - step;
    }
    if (at > 0) yield kept.subarray(0, at);
    kept = kept.subarray(at);
  }
  if (!ended) throw new Error('the archive of the commit stopped before its end');
  yield await oneFile(name, content);
}

export const blockLength = 512;

/** Bytes of a file's content in the archive, filled up to whole blocks (POSIX ustar: octal digits at offset 124). */
export function paddedSize(header: Buffer): number {
  const digits = header.toString('latin1', 124, 136).replace(/[\0 ]+$/, '');
  if (!/^ *[0-7]+$/.test(digits)) throw new Error('the archive of the commit holds a size that cannot be read');
  return Math.ceil(Number.parseInt(digits, 8) / blockLength) * blockLength;
}

async function oneFile(name: string, content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, mtime: new Date(0) }, content);
  tar.finalize();
  return await buffer(Readable.from(tar));
}
