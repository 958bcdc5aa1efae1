import { hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Settings } from '../settings.ts';
import { instanceId as instanceIdParser } from './name-parsers.ts';
import type { Parser } from './parsers.ts';
import { encryptionKey as encryptionKeyParser } from './secrets.ts';

/** Who this installation is, on every engine and for ever. */
export type Identity = {
  /** Stands on all that we make as `kosuke.instance`. */
  instanceId: string;
  /** Of the one program at a time that works in DATA_DIR, through all of its starts: whose leases in a shared database are its own. */
  workerId: string;
  /** 32 bytes; encrypts stored secrets. */
  encryptionKey: Buffer;
  /** 32 bytes derived from it; names images so that nobody else can. */
  instanceKey: Buffer;
};

/**
 * What the settings give, else what an earlier start left in DATA_DIR (`instance-id`, `worker-id`, `encryption-key`), else new ones left there,
 * readable by the owner alone. Two starts at once agree. Throws when DATA_DIR cannot be written or a file there is not what it should be.
 */
export async function openIdentity(settings: Pick<Settings, 'dataDir' | 'instanceId' | 'encryptionKey'>): Promise<Identity> {
  await makeDirectory(settings.dataDir);
  const newId = () => `k${randomBytes(8).toString('hex')}`;
  const newKey = () => randomBytes(32).toString('base64');
  const instanceId = settings.instanceId ?? (await keptOrNew(join(settings.dataDir, 'instance-id'), instanceIdParser, newId));
  const workerId = await keptOrNew(join(settings.dataDir, 'worker-id'), instanceIdParser, newId);
  const encryptionKey = settings.encryptionKey ?? (await keptOrNew(join(settings.dataDir, 'encryption-key'), encryptionKeyParser, newKey));
  const instanceKey = Buffer.from(hkdfSync('sha256', encryptionKey, instanceId, 'kosuke-preview instance key', 32));
  return { instanceId, workerId, encryptionKey, instanceKey };
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(`${directory} cannot be made. Set DATA_DIR to a directory that the user that runs this program may write.`, { cause: error });
  }
}

async function keptOrNew<T>(file: string, parse: Parser<T>, make: () => string): Promise<T> {
  const text = (await kept(file)) ?? (await firstToLink(file, make()));
  const parsed = parse(text.trim());
  if ('value' in parsed) return parsed.value;
  throw new Error(`${file} does not hold what was written there. Put it back from a backup; if there is none, remove it and a new one is made.`);
}

async function kept(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new Error(`${file} cannot be read. Make it readable for the user that runs this program.`, { cause: error });
  }
}

/** Written aside in full, then linked to its name, which fails when another start was first: then that one's text counts. */
async function firstToLink(file: string, text: string): Promise<string> {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await writeDurably(aside, text);
    await link(aside, file).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
    await syncDirectory(dirname(file));
  } catch (error) {
    throw new Error(`${file} cannot be written. Make its directory writable for the user that runs this program.`, { cause: error });
  } finally {
    await unlink(aside).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }
  return readFile(file, 'utf8');
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
