import { setImmediate } from 'node:timers/promises';
import { KosukeError } from '../domain/errors.ts';
import { createIgnore } from './ignore.ts';
import { inOrder, type LocalSource, type SourceFile } from './local-source.ts';
import type { Spool } from './spool.ts';
import { tarEntries } from './tar.ts';

/**
 * The build context: the files of `tar` without what the rules of a `.dockerignore` name, their content in `spool`. A link stays a link;
 * nothing is followed. A folder that the rules name is there when something in it is re-included. Throws like `tarEntries` and
 * `createIgnore`, and `KosukeError` (`build-failed`, fault app) for a name that BuildKit cannot be told.
 */
export async function readContext(tar: AsyncIterable<Buffer>, rules: string | null, spool: Spool): Promise<LocalSource> {
  const ignore = createIgnore(rules ?? '');
  const kept = new Map<string, SourceFile>();
  const folders = new Map<string, SourceFile>();
  let rested = 0;
  for await (const entry of tarEntries(spool.keep(tar))) {
    // What is read already needs no waiting: without a rest, one build would hold up all else.
    if (ignore.steps() - rested > stepsBetweenRests) {
      rested = ignore.steps();
      await setImmediate();
    }
    const { notText, ...file } = entry;
    if (file.kind === 'folder') folders.set(file.path, file);
    if (rules !== null && ignore.ignores(file.path)) continue;
    if (notText !== null) throw notUtf8(notText);
    if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(file.path)) throw new Error(`the archive of the commit holds ${JSON.stringify(file.path)}, which is no path in it`);
    kept.set(file.path, file);
  }
  addFolders(kept, folders);
  return { files: await inOrder(kept.values()), read: ({ offset }, position, length) => spool.read(offset + position, length) };
}

const stepsBetweenRests = 1_000_000;

/** The folder of each file, where it is missing; that of a folder is looked for in its turn, since it comes to the end of `kept`. */
function addFolders(kept: Map<string, SourceFile>, folders: ReadonlyMap<string, SourceFile>): void {
  for (const { path, mtime } of kept.values()) {
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (above === '') continue;
    const folder = kept.get(above);
    if (folder === undefined) kept.set(above, folders.get(above) ?? { kind: 'folder', path: above, target: '', mode: 0o755, mtime, size: 0, offset: 0 });
    else if (folder.kind !== 'folder') throw new Error(`the archive of the commit holds ${JSON.stringify(path)} below what is no folder`);
  }
}

/** BuildKit's protocol carries names as protobuf strings. Docker's own client refuses such a file, too, without its name. */
function notUtf8(name: Buffer): KosukeError {
  return new KosukeError({
    code: 'build-failed',
    fault: 'app',
    what: `A file has a name, or is a link to one, that is not UTF-8: ${escaped(name)}`,
    why: 'BuildKit takes names in UTF-8 only',
    next: 'Rename it, or name it or its folder in .dockerignore, and push.',
  });
}

/** With `\xNN` for each byte that is no printable ASCII. */
function escaped(name: Buffer): string {
  return name.toString('latin1').replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
