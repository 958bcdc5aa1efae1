import { KosukeError } from '../domain/errors.ts';
import { openObjects, type Objects } from './batch.ts';
import { gitError } from './failure.ts';

/** Where to read: a mirror, a commit in it, the time limit of one command, and whom to tell when the mirror turns out damaged. */
export type ReadingPlace = { mirror: string; sha: string; limitMs: number; onDamage: () => void };

/** What is read of a commit: git's hash of its tree, and the contents of the paths that are regular files, `null` for all else. */
export type CommitFiles = { tree: string; files: ReadonlyMap<string, Buffer | null> };

/**
 * The commit's tree and the regular files at `paths` (a link is not one, nor is anything behind one), by one git process. A file over 1 MiB
 * and a folder over 8 MiB are a `KosukeError` `too-large` (fault app); anything that cannot be read is one of `git`.
 */
export async function readFiles(place: ReadingPlace, paths: readonly string[], signal: AbortSignal): Promise<CommitFiles> {
  const objects = openObjects(place, signal);
  try {
    const root = await treeOf(objects, `${place.sha}^{tree}`, place.sha);
    if (root === null) {
      // Only a commit that is pinned is read: a pin without its commit is what a power cut leaves.
      place.onDamage();
      throw gitError(`Reading the tree at ${place.sha.slice(0, 7)} failed`, 'The commit is not there');
    }
    const files = new Map<string, Buffer | null>();
    for (const path of paths) files.set(path, await fileAt(objects, root.content, path, place));
    return { tree: root.id, files };
  } finally {
    await objects.close();
  }
}

async function treeOf(objects: Objects, name: string, sha: string): Promise<{ id: string; content: Buffer } | null> {
  const tree = await objects.read(name, 'tree', treeLimit);
  if (tree === 'too-large') throw tooLarge(`One of the folders at ${sha.slice(0, 7)}`, 'it takes more than 8 MiB to list what is in it');
  return tree;
}

async function fileAt(objects: Objects, root: Buffer, path: string, place: ReadingPlace): Promise<Buffer | null> {
  const names = path.split('/');
  const name = names.pop() ?? '';
  let tree = root;
  for (const folder of names) {
    const entry = entryIn(tree, folder, place.sha);
    const inner = entry?.mode === '40000' ? await treeOf(objects, entry.id, place.sha) : null;
    if (inner === null) return null;
    tree = inner.content;
  }
  const entry = entryIn(tree, name, place.sha);
  if (entry === null || !entry.mode.startsWith('100')) return null;
  const file = await objects.read(entry.id, 'blob', fileLimit);
  if (file === 'too-large') throw tooLarge(`The file ${path} at ${place.sha.slice(0, 7)}`, 'it is larger than 1 MiB');
  if (file !== null) return file.content;
  place.onDamage();
  throw gitError(`Reading ${path} at ${place.sha.slice(0, 7)} failed`, 'The commit names a file that is not in the mirror');
}

/** Of git's tree object: `<mode in octal> <name>\0<hash as bytes>`, again and again. */
function entryIn(tree: Buffer, name: string, sha: string): { mode: string; id: string } | null {
  const idLength = sha.length / 2;
  const wanted = Buffer.from(`${name}\0`);
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(0x20, at);
    const end = tree.indexOf(0, space);
    if (space < 0 || end < 0) return null;
    if (tree.subarray(space + 1, end + 1).equals(wanted)) {
      return { mode: tree.toString('latin1', at, space), id: tree.toString('hex', end + 1, end + 1 + idLength) };
    }
    at = end + 1 + idLength;
  }
  return null;
}

function tooLarge(what: string, why: string): KosukeError {
  return new KosukeError({ code: 'too-large', fault: 'app', what: `${what} is too large`, why, next: 'Make it smaller and push.' });
}

const fileLimit = 1024 * 1024;
/** About a quarter of a million names, which is more than may be built. */
const treeLimit = 8 * 1024 * 1024;
