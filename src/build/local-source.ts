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
 * before what is in it (tonistiigi/fsutil, `Validator`). With rests: of 200,000 paths it takes a moment that would hold up all else.
 */
export async function inOrder(files: Iterable<SourceFile>): Promise<SourceFile[]> {
  let runs: Keyed[][] = [];
  for (const some of chunksOf(files)) {
    runs.push(some.map(keyed).sort(byKey));
    await setImmediate();
  }
  while (runs.length > 1) {
    const merged: Keyed[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await mergedOf(runs[at]!, runs[at + 1] ?? []));
    runs = merged;
  }
  return (runs[0] ?? []).map(({ file }) => file);
}

type Keyed = { key: string; file: SourceFile };

/** A character for each byte, the end of a name before all else: then the order of texts is the one that is wanted. */
function keyed(file: SourceFile): Keyed {
  return { key: Buffer.from(file.path).toString('latin1').replaceAll('/', '\0'), file };
}

function byKey(a: Keyed, b: Keyed): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function* chunksOf(files: Iterable<SourceFile>): Generator<SourceFile[]> {
  let some: SourceFile[] = [];
  for (const file of files) {
    if (some.push(file) < atOnce) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

async function mergedOf(a: readonly Keyed[], b: readonly Keyed[]): Promise<Keyed[]> {
  const merged: Keyed[] = [];
  for (let atA = 0, atB = 0; merged.length < a.length + b.length; ) {
    if (atB === b.length || (atA < a.length && byKey(a[atA]!, b[atB]!) <= 0)) merged.push(a[atA++]!);
    else merged.push(b[atB++]!);
    if (merged.length % atOnce === 0) await setImmediate();
  }
  return merged;
}

const atOnce = 10_000;

/** A tree of a few texts at its top. */
export function textsAsSource(texts: Record<string, string>): LocalSource {
  const bytes = new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
  const files = Array.from(bytes, ([path, { length: size }]): SourceFile => ({ kind: 'file', path, target: '', mode: 0o644, mtime: 0, size, offset: 0 }));
  return {
    files: files.map(keyed).sort(byKey).map(({ file }) => file),
    read: async ({ path }, position, length) => bytes.get(path)!.subarray(position, position + length),
  };
}
