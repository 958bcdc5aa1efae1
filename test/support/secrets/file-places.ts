import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Place } from './search.ts';

/** Every regular file below a directory, but those at exactly the paths of `exempt`; of a git mirror also what its objects hold. */
export async function filePlaces(directory: string, exempt: readonly string[]): Promise<Place[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const places: Place[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !exempt.includes(path)) places.push({ where: path, what: await readFile(path) });
    if (entry.isDirectory() && entry.name.endsWith('.git')) places.push({ where: `objects in ${path}`, what: await objectsIn(path) });
  }
  return places;
}

/** They lie there compressed. */
async function objectsIn(mirror: string): Promise<Buffer> {
  const args = ['--git-dir', mirror, 'cat-file', '--batch', '--batch-all-objects', '--unordered'];
  const { stdout } = await promisify(execFile)('git', args, { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}
