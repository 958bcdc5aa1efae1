import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives `use` an empty directory and removes it afterwards, whatever happens. It lies in /var/tmp: a file system that
 * allows devices and holds hundreds of megabytes, which /tmp need not be.
 * @template T
 * @param {(directory: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function inScratch(use) {
  await removeLeftovers();
  const directory = await mkdtemp(join(PLACE, PREFIX));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const PLACE = '/var/tmp';
const PREFIX = 'kosuke-preview-setup-';
const DAY = 24 * 60 * 60 * 1000;

// A set-up that was killed could not tidy up. Nothing of a day ago can still be at work: every command has its bound.
async function removeLeftovers() {
  for (const name of await readdir(PLACE)) {
    const path = join(PLACE, name);
    if (name.startsWith(PREFIX) && Date.now() - (await stat(path)).mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}
