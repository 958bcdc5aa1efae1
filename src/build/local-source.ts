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
 * before what is in it (tonistiigi/fsutil, `Validator`).
 */
export function inOrder(files: Iterable<SourceFile>): SourceFile[] {
  return [...files].sort((a, b) => compared(a.path, b.path));
}

function compared(a: string, b: string): number {
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
    files: inOrder(files),
    read: async ({ path }, position, length) => bytes.get(path)!.subarray(position, position + length),
  };
}
