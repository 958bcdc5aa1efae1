import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { pino } from 'pino';
import type { Store } from '../../src/reconcile/ports/store.ts';
import { embeddedHandle, smallMemory } from '../../src/store/embedded.ts';
import { migrationsFolder } from '../../src/store/handle.ts';
import { openStore, storeOn } from '../../src/store/open.ts';
import { makeHub } from '../../src/store/signals.ts';
import { type PostgresServer, startPostgres } from './postgres/server.ts';

/**
 * An empty store: on Postgres when `KOSUKE_TEST_DATABASE` is `postgres`; else embedded and in memory, in half a second, loaded from a template that the
 * first call on a machine makes.
 */
export async function testStore(): Promise<{ store: Store; close(): Promise<void> }> {
  return process.env['KOSUKE_TEST_DATABASE'] === 'postgres' ? postgresStore() : embeddedStore();
}

/** On a database of its own. The server is one for all tests of a file, and ends with its process. */
async function postgresStore(): Promise<{ store: Store; close(): Promise<void> }> {
  server ??= startPostgres({ durable: false });
  const store = await openStore({ dataDir: 'unused', databaseUrl: await (await server).createDatabase(), log: silent });
  return { store, close: () => store.close() };
}

async function embeddedStore(): Promise<{ store: Store; close(): Promise<void> }> {
  const hub = makeHub(silent);
  const pglite = await PGlite.create({ loadDataDir: new Blob([await (template ??= readTemplate())]), postgresqlconf: smallMemory });
  const store = storeOn(await embeddedHandle(pglite, hub.hear, silent), hub);
  return { store, close: () => store.close() };
}

/** Puts a migrated database of the embedded kind into `dataDir`, which a program finds there at its first start: two seconds less. */
export async function fillDatabase(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'db');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const bytes = await (template ??= readTemplate());
  const tar = spawn('tar', ['-x', '-f', '-', '-C', folder], { stdio: ['pipe', 'ignore', 'ignore'] });
  tar.stdin.end(bytes);
  const [code] = (await once(tar, 'close')) as [number | null];
  if (code !== 0) throw new Error(`tar ended with code ${code} while it unpacked the database`);
}

const silent = pino({ level: 'silent' });
const folder = fileURLToPath(new URL('../../.cache/store', import.meta.url));
let template: Promise<Buffer<ArrayBuffer>> | undefined;
let server: Promise<PostgresServer> | undefined;

/** A migrated data directory as a tar, named by what went into it. */
async function readTemplate(): Promise<Buffer<ArrayBuffer>> {
  const file = join(folder, `${await versionOf()}.tar`);
  try {
    return await readFile(file);
  } catch {
    return makeTemplate(file);
  }
}

/** Written by rename, so that test files that run side by side never read half of one. */
async function makeTemplate(file: string): Promise<Buffer<ArrayBuffer>> {
  const pglite = await PGlite.create({ postgresqlconf: smallMemory });
  const handle = await embeddedHandle(pglite, () => undefined, silent);
  const tar = Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer());
  await handle.close();
  await mkdir(folder, { recursive: true });
  const old = await readdir(folder);
  await Promise.all(old.filter((name) => name.endsWith('.tar')).map((name) => rm(join(folder, name), { force: true })));
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, tar);
  await rename(draft, file);
  return tar;
}

async function versionOf(): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).sort();
  for (const name of names) hash.update(await readFile(join(migrationsFolder, name)));
  hash.update(await readFile(new URL('../../node_modules/@electric-sql/pglite/package.json', import.meta.url)));
  return hash.digest('hex').slice(0, 16);
}
