import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Logger } from 'pino';
import { type Db, type Handle, type Hear, migrationsFolder } from './handle.ts';
import { connection } from './postgres-connection.ts';
import { listenToPostgres } from './postgres-listener.ts';

/** A pool on a Postgres server, migrated; NOTIFY comes over a connection of its own that is made again when it is lost. */
export async function openPostgres(databaseUrl: string, hear: Hear, log: Logger): Promise<Handle> {
  await migrateUnderLock(databaseUrl);
  const listening = await listenToPostgres(databaseUrl, hear, log);
  const pool = new pg.Pool({ ...connection(databaseUrl), ...limits, max: poolSize });
  // Not the error itself: `pg` hangs the whole client on it, its key included.
  pool.on('error', (error) => log.warn({ why: error.message }, 'an idle connection to the database was lost'));
  return {
    db: drizzle({ client: pool }) as unknown as Db,
    transaction: (work) => inTransaction(pool, work),
    async close() {
      await listening.close();
      await pool.end();
    },
  };
}

/** Several processes may start at once and drizzle's migrator takes no lock: the first one migrates, the others wait and find nothing to do. */
async function migrateUnderLock(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ ...connection(databaseUrl), lock_timeout: migrationLockMs });
  // A lost connection also fails the statement that runs; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate(drizzle({ client }), { migrationsFolder });
  } finally {
    // Ends the lock, too.
    await client.end();
  }
}

/** drizzle's own transaction on a pool keeps the connection for ever when BEGIN fails, and lets a lost one end the process. */
async function inTransaction<T>(pool: pg.Pool, work: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  const lost = () => {
    broken = true;
  };
  client.on('error', lost);
  try {
    return await (drizzle({ client }) as unknown as Db).transaction(work);
  } catch (error) {
    broken = true;
    throw error;
  } finally {
    client.off('error', lost);
    client.release(broken);
  }
}

/**
 * The server ends a statement first, so that its connection stays good; ours is for a server that no longer answers. It ends the transaction of a process that was suspended in
 * the middle of it, too: others wait for the rows that it holds.
 */
const limits = { statement_timeout: 30_000, query_timeout: 35_000, idle_in_transaction_session_timeout: 10_000 };
const poolSize = 10;
const migrationLock = 0x6b6f7375;
const migrationLockMs = 120_000;
