import { isUtf8 } from 'node:buffer';
import type { SourceFile } from './local-source.ts';

/** One file of an archive: `offset` is counted in bytes from the archive's start, and in `path` bytes that are not UTF-8 are replaced. */
export type TarEntry = SourceFile & {
  /** The path or, where that is UTF-8, the link's target: whichever is not UTF-8. `null` when both are. */
  notText: Buffer | null;
};

/**
 * The entries of a plain tar in their order, as git and POSIX pax write it. All bytes of `tar` are read, also those behind the end mark,
 * since only the end of the stream says that all went well. Throws when it stops before its end mark or holds what git does not write.
 */
export async function* tarEntries(tar: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const reader = readerOf(tar);
  try {
    let records = new Map<string, Buffer>();
    for (let header = await reader.exactly(blockLength); header.some((byte) => byte !== 0); header = await reader.exactly(blockLength)) {
      const type = String.fromCharCode(header[156]!);
      const size = sizeOf(header, records);
      const padded = Math.ceil(size / blockLength) * blockLength;
      if (type === 'x') {
        if (size > longestRecords) throw unreadable('records that are too long');
        records = recordsOf((await reader.exactly(padded)).subarray(0, size));
        continue;
      }
      if (type !== 'g') yield entryOf(header, type, records, { size, offset: reader.position() });
      await reader.passOver(padded);
      records = new Map();
    }
    await reader.toEnd();
  } finally {
    await reader.end();
  }
}

const blockLength = 512;
/** Git writes a path and a link's target at most; both are bounded where the commit is measured. */
const longestRecords = 1024 * 1024;

/** `size` among the records counts where the header has no room for it (POSIX pax). */
function sizeOf(header: Buffer, records: ReadonlyMap<string, Buffer>): number {
  const size = Number(records.get('size')?.toString('latin1') ?? Number.NaN);
  const found = Number.isSafeInteger(size) && size >= 0 ? size : octal(header, 124, 136);
  if (found === null) throw unreadable('a size that cannot be read');
  return found;
}

/** A number of the header (POSIX ustar: octal digits). */
function octal(header: Buffer, from: number, to: number): number | null {
  const digits = header.toString('latin1', from, to).replace(/[\0 ]+$/, '');
  return /^ *[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

/** Records of the form `<length> <key>=<value>\n` (POSIX pax); a later one of the same key counts. */
function recordsOf(bytes: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, space));
    const equals = bytes.indexOf('=', space);
    if (space < 0 || equals < 0 || !Number.isInteger(length) || length <= equals - at) throw unreadable('a record that cannot be read');
    found.set(bytes.toString('latin1', space + 1, equals), bytes.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return found;
}

function entryOf(header: Buffer, type: string, records: ReadonlyMap<string, Buffer>, place: { size: number; offset: number }): TarEntry {
  const kind = kinds[type];
  if (kind === undefined) throw unreadable(`an entry of the type ${JSON.stringify(type)}`);
  const path = withoutEndSlash(records.get('path') ?? nameOf(header));
  const target = kind === 'link' ? (records.get('linkpath') ?? field(header, 157, 257)) : Buffer.alloc(0);
  return {
    kind,
    path: path.toString(),
    target: target.toString(),
    mode: (octal(header, 100, 108) ?? 0o644) & 0o777,
    mtime: octal(header, 136, 148) ?? 0,
    ...place,
    notText: [path, target].find((bytes) => !isUtf8(bytes)) ?? null,
  };
}

const kinds: Record<string, TarEntry['kind']> = { '0': 'file', '\0': 'file', '2': 'link', '5': 'folder' };

function nameOf(header: Buffer): Buffer {
  const prefix = field(header, 345, 500);
  const name = field(header, 0, 100);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

/** A text of the header; it ends with a zero byte unless it fills its field. */
function field(header: Buffer, from: number, to: number): Buffer {
  const bytes = header.subarray(from, to);
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end));
}

function withoutEndSlash(path: Buffer): Buffer {
  return path.at(-1) === 0x2f ? path.subarray(0, -1) : path;
}

function unreadable(what: string): Error {
  return new Error(`the archive of the commit holds ${what}`);
}

function readerOf(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let kept: Buffer = Buffer.alloc(0);
  let passed = 0;
  const more = async (): Promise<Buffer | null> => {
    const { done, value } = await chunks.next();
    return done ? null : value;
  };
  const take = (length: number): Buffer => {
    const part = kept.subarray(0, length);
    kept = kept.subarray(length);
    passed += part.length;
    return part;
  };
  const broken = () => new Error('the archive of the commit stopped before its end');
  return {
    /** Bytes that were read from the archive. */
    position: () => passed,
    async exactly(length: number): Promise<Buffer> {
      while (kept.length < length) {
        const chunk = await more();
        if (chunk === null) throw broken();
        kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      }
      return take(length);
    },
    async passOver(length: number): Promise<void> {
      for (let left = length - take(length).length; left > 0; ) {
        const chunk = await more();
        if (chunk === null) throw broken();
        kept = chunk;
        left -= take(left).length;
      }
    },
    async toEnd(): Promise<void> {
      while ((await more()) !== null);
    },
    async end(): Promise<void> {
      await chunks.return?.();
    },
  };
}
