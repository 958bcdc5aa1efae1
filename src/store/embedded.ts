import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { Logger } from 'pino';
import { withPreparedStatements } from './prepared.ts';
import { channelOf, type Db, type Handle, type Hear, migrationsFolder, signals } from './handle.ts';

/**
 * The embedded database in `dataDir/db`, migrated. The caller holds the lock of `dataDir` (lock.ts): PGlite takes none, and a second
 * opener would silently lose rows.
 */
export async function openEmbedded(dataDir: string, hear: Hear, log: Logger): Promise<Handle> {
  const folder = join(dataDir, 'db');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (!(await isDatabase(folder))) await makeDatabase(folder);
  return embeddedHandle(await PGlite.create({ dataDir: folder, postgresqlconf: smallMemory }), hear, log);
}

async function isDatabase(folder: string): Promise<boolean> {
  try {
    await access(join(folder, 'PG_VERSION'));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Takes seconds, and a database of which only a part was written never opens: it gets its name when it is whole. */
async function makeDatabase(folder: string): Promise<void> {
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  const pglite = await PGlite.create({ dataDir: draft, postgresqlconf: smallMemory });
  await pglite.close();
  await chmod(draft, 0o700);
  await rename(draft, folder);
}

/** Migrates an open PGlite and makes a handle of it; closing the handle closes it. */
export async function embeddedHandle(pglite: PGlite, hear: Hear, log: Logger): Promise<Handle> {
  try {
    await migrate(drizzle({ client: pglite }), { migrationsFolder });
    for (const signal of signals) await pglite.listen(channelOf(signal), (payload) => hear(signal, payload));
    const stopUpkeep = startUpkeep(pglite, log);
    const db = drizzle({ client: withPreparedStatements(pglite) as PGlite }) as unknown as Db;
    return {
      db,
      transaction: (work) => db.transaction(work),
      async close() {
        await stopUpkeep();
        await pglite.close();
      },
    };
  } catch (error) {
    await pglite.close();
    throw error;
  }
}

/**
 * Measured: 146 MB instead of 300 MB. Plans are made anew each time: one that was kept from when a table was small would read all of it, and nothing here
 * analyzes tables in between.
 */
export const smallMemory = ['shared_buffers = 8MB', 'maintenance_work_mem = 4MB', 'plan_cache_mode = force_custom_plan'];

/** PGlite has no background processes: nothing would write checkpoints, so that the log grows, nor clean up after updates. */
function startUpkeep(pglite: PGlite, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const run = async (statement: string, before: Promise<void>) => {
    await before;
    try {
      await pglite.exec(statement);
    } catch (error) {
      log.warn({ err: error, statement }, 'upkeep of the database failed, it is tried again at its next time');
    }
  };
  const every = (ms: number, statement: string) =>
    setInterval(() => {
      running = run(statement, running);
    }, ms);
  const timers = [every(checkpointEveryMs, 'CHECKPOINT'), every(vacuumEveryMs, 'VACUUM')];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
    return running;
  };
}

const checkpointEveryMs = 10 * 60_000;
const vacuumEveryMs = 24 * 3_600_000;
