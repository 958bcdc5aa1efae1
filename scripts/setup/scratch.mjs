import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives `use` an empty directory and removes it afterwards, whatever happens. It lies in /var/tmp: a file system that
 * allows devices and holds hundreds of megabytes, which /tmp need not be.
 * @template T
 * @param {(directory: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function inScratch(use) {
  const directory = await mkdtemp(join('/var/tmp', 'kosuke-preview-setup-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
