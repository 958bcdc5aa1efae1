import { setImmediate } from 'node:timers/promises';
import { blockLength, paddedSize } from './context.ts';
import { createIgnore, type Ignore } from './ignore.ts';

/**
 * The tar without what `.dockerignore` names: the engine leaves that to whoever sends the context. The Dockerfile, put in by us, always
 * stays. A link stays a link; nothing is followed. What stays passes byte for byte. Throws like `createIgnore`, at once for the rules.
 */
export function withoutIgnored(tar: AsyncIterable<Buffer>, rules: string, dockerfile: string): AsyncGenerator<Buffer> {
  return filtered(tar, createIgnore(rules), dockerfile);
}

async function* filtered(tar: AsyncIterable<Buffer>, ignore: Ignore, dockerfile: string): AsyncGenerator<Buffer> {
  let rested = 0;
  const reader = readerOf(tar);
  try {
    let extension: Buffer[] = [];
    let longPath: string | null = null;
    for (let header = await reader.exactly(blockLength); header !== null; header = await reader.exactly(blockLength)) {
      if (header.every((byte) => byte === 0)) {
        yield header;
        continue;
      }
      let size = paddedSize(header);
      if (typeOf(header) === 'x') {
        const records = (await reader.exactly(size)) ?? Buffer.alloc(0);
        extension.push(header, records);
        longPath = pathIn(records) ?? longPath;
        continue;
      }
      const path = (longPath ?? nameOf(header)).replace(/\/$/, '');
      // What is read already needs no waiting: without a rest, one build would hold up all else.
      if (ignore.steps() - rested > stepsBetweenRests) {
        rested = ignore.steps();
        await setImmediate();
      }
      const stays = typeOf(header) === 'g' || path === '' || path === dockerfile || !ignore.ignores(path);
      if (stays) yield Buffer.concat([...extension, header]);
      while (size > 0) {
        const part = await reader.upTo(size);
        if (part === null) return;
        size -= part.length;
        if (stays) yield part;
      }
      extension = [];
      longPath = null;
    }
  } finally {
    await reader.end();
  }
}

const stepsBetweenRests = 1_000_000;

/** Type of an entry: `x` describes the next one, `g` all that follow (POSIX ustar: offset 156). */
function typeOf(header: Buffer): string {
  return String.fromCharCode(header[156]!);
}

function nameOf(header: Buffer): string {
  const text = (from: number, to: number) => header.toString('utf8', from, to).replace(/\0.*$/s, '');
  const prefix = text(345, 500);
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
}

/** The `path` among records of the form `<length> <key>=<value>\n` (POSIX pax). */
function pathIn(records: Buffer): string | null {
  let found: string | null = null;
  for (let at = 0; at < records.length && records[at] !== 0; ) {
    const space = records.indexOf(' ', at);
    const length = Number(records.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length <= 0) throw new Error('the archive of the commit holds a record that cannot be read');
    const record = records.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) found = record.slice('path='.length);
    at += length;
  }
  return found;
}

function readerOf(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let kept: Buffer = Buffer.alloc(0);
  const more = async () => {
    const { done, value } = await chunks.next();
    if (done) return false;
    kept = kept.length === 0 ? value : Buffer.concat([kept, value]);
    return true;
  };
  const cut = (length: number) => {
    const part = kept.subarray(0, length);
    kept = kept.subarray(length);
    return part;
  };
  return {
    /** That many bytes, `null` when the source ends before. */
    async exactly(length: number): Promise<Buffer | null> {
      while (kept.length < length) if (!(await more())) return null;
      return cut(length);
    },
    /** What is there, at least one byte; `null` at the end. */
    async upTo(length: number): Promise<Buffer | null> {
      while (kept.length === 0) if (!(await more())) return null;
      return cut(Math.min(length, kept.length));
    },
    async end(): Promise<void> {
      await chunks.return?.();
    },
  };
}
