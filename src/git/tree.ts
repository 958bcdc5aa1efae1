import { KosukeError } from '../domain/errors.ts';
import type { Objects } from './batch.ts';

/** One of the folders of a commit as git's tree object, `null` when it is not there. Over 8 MiB: `KosukeError` `too-large` (fault app). */
export async function treeOf(objects: Objects, id: string, sha: string): Promise<{ id: string; content: Buffer } | null> {
  const tree = await objects.read(id, 'tree', treeLimit);
  if (tree === 'too-large') throw tooLarge(`One of the folders at ${sha.slice(0, 7)}`, 'it takes more than 8 MiB to list what is in it');
  return tree;
}

/** The entry of that name, a character for each byte. A tree object is `<mode in octal> <name>\0<hash as bytes>`, again and again. */
export function entryIn(tree: Buffer, name: string, sha: string): { mode: string; id: string } | null {
  const idLength = sha.length / 2;
  const wanted = Buffer.from(`${name}\0`, 'latin1');
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

/** By its type alone, as git reads it: old programs wrote zeros before a mode, and other permissions. What has no type that git knows is nothing. */
export function kindOf(mode: string): 'file' | 'folder' | 'link' | 'submodule' | null {
  return kinds.get(Number.parseInt(mode, 8) & 0o170000) ?? null;
}

export function tooLarge(what: string, why: string): KosukeError {
  return new KosukeError({ code: 'too-large', fault: 'app', what: `${what} is too large`, why, next: 'Make it smaller and push.' });
}

const kinds: ReadonlyMap<number, 'file' | 'folder' | 'link' | 'submodule'> = new Map([
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
  [0o160000, 'submodule'],
]);

/** About a quarter of a million names, which is more than may be built. */
const treeLimit = 8 * 1024 * 1024;
