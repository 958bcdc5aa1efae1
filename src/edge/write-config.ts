import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { parse, stringify } from 'yaml';
import { edgeError } from './errors.ts';

/**
 * Puts a configuration into Traefik's directory, whole or not at all: one invalid file there would freeze every other. It is written
 * and synced under a name that Traefik does not read, parsed back, and renamed. Returns false when the file said the same already.
 */
export async function writeConfig(directory: string, fileName: string, config: object): Promise<boolean> {
  const path = join(directory, fileName);
  const text = stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
  try {
    if ((await readIfThere(path)) === text) return false;
    const temporary = join(directory, `${fileName}.${randomBytes(6).toString('hex')}${temporaryEnding}`);
    try {
      await writeSynced(temporary, text);
      if (!isDeepStrictEqual(parse(await readFile(temporary, 'utf8')), config)) throw new Error('what was written does not read back the same');
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return true;
  } catch (error) {
    throw edgeError(`Traefik's configuration ${fileName} could not be written`, error);
  }
}

/** Removes what a writer that was killed between write and rename left behind, once it is too old to be another writer's. */
export async function removeLeftovers(directory: string, now: Date, log: Logger): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      if (!leftover.test(name)) continue;
      const path = join(directory, name);
      const facts = await stat(path).catch(nullIfMissing);
      if (facts === null || now.getTime() - facts.mtimeMs < leftoverAgeMs) continue;
      await rm(path, { force: true });
      log.info({ file: name }, 'leftover of an unfinished write removed');
    }
  } catch (error) {
    throw edgeError("Traefik's dynamic directory could not be tidied", error);
  }
}

/** Whether a file system error says that the file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

const temporaryEnding = '.tmp';
const leftover = /^kosuke-(gate|hold-\d+)\.yml\.[0-9a-f]{12}\.tmp$/;
const leftoverAgeMs = 60_000;

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(nullIfMissing);
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
