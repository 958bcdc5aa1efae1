import { setImmediate } from 'node:timers/promises';

/** A tree of files that BuildKit asks for by a name: `context`, `dockerfile`. */
export type LocalSource = {
  /** In the order of `inOrder`, each folder with its own entry. */
  files: readonly SourceFile[];
  /** That part of a file's content. */
  read(file: SourceFile, position: number, length: number): Promise<Buffer>;
};

export type SourceFile = {
  kind: 'file' | 'folder' | 'link';
  /** `/` between names, none at its ends. */
  path: string;
  /** Of a link: where it leads. Else empty. */
  target: string;
  /** Permission bits. */
  mode: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Bytes of a file. */
  size: number;
  /** Where its content begins in what holds it. */
  offset: number;
};

/**
 * In the order in which the receiver wants them, and refuses any other: by the bytes of one name after the other, so that a folder comes
 * before what is in it (tonistiigi/fsutil, `Validator`). With rests: 200,000 paths would hold up all else meanwhile.
 */
export async function inOrder(files: Iterable<SourceFile>): Promise<SourceFile[]> {
  let runs: SourceFile[][] = [];
  for (const some of chunksOf(files)) {
    runs.push(some.sort(byPath));
    await setImmediate();
  }
  while (runs.length > 1) {
    const merged: SourceFile[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await mergedOf(runs[at]!, runs[at + 1] ?? []));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* chunksOf(files: Iterable<SourceFile>): Generator<SourceFile[]> {
  let some: SourceFile[] = [];
  let length = 0;
  for (const file of files) {
    some.push(file);
    length += file.path.length;
    if (some.length < mostAtOnce && length < longestAtOnce) continue;
    yield some;
    some = [];
    length = 0;
  }
  if (some.length > 0) yield some;
}

async function mergedOf(a: readonly SourceFile[], b: readonly SourceFile[]): Promise<SourceFile[]> {
  // As they mostly are: git lists its files nearly in this order.
  if (b.length === 0 || byPath(a.at(-1)!, b[0]!) <= 0) return [...a, ...b];
  const merged: SourceFile[] = [];
  let length = 0;
  for (let atA = 0, atB = 0; atA < a.length || atB < b.length; ) {
    const file = atB === b.length || (atA < a.length && byPath(a[atA]!, b[atB]!) <= 0) ? a[atA++]! : b[atB++]!;
    merged.push(file);
    length += file.path.length;
    if (merged.length % mostAtOnce > 0 && length < longestAtOnce) continue;
    length = 0;
    await setImmediate();
  }
  return merged;
}

/** Paths between two rests, and their characters. */
const mostAtOnce = 10_000;
const longestAtOnce = 1024 ** 2;

function byPath({ path: a }: SourceFile, { path: b }: SourceFile): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at === end ? a.length - b.length : rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** The end of a name before all else, and halves of a pair behind all single units: the order of UTF-8's bytes is that of code points. */
function rank(unit: number): number {
  if (unit === slash) return -1;
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x1_0000 : unit;
}

const slash = 0x2f;

/** A tree of a few texts at its top. */
export function textsAsSource(texts: Record<string, string>): LocalSource {
  const bytes = new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
  const files = Array.from(bytes, ([path, { length: size }]): SourceFile => ({ kind: 'file', path, target: '', mode: 0o644, mtime: 0, size, offset: 0 }));
  return {
    files: files.sort(byPath),
    read: async ({ path }, position, length) => bytes.get(path)!.subarray(position, position + length),
  };
}
