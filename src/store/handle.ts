import { fileURLToPath } from 'node:url';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { Signal } from '../reconcile/ports/store.ts';

type Rows<Row> = { rows: Row[] };

/** What both drivers answer to a statement of our own. */
interface RowsHKT extends PgQueryResultHKT {
  type: Rows<this['row']>;
}

/** Either database, or a transaction of it. */
export type Db = PgDatabase<RowsHKT, Record<string, never>>;

/** The one way in which the queries meet a database, be it Postgres or the embedded one. */
export type Handle = {
  /** For single statements; each is a transaction of its own. */
  db: Db;
  /** Everything inside must go through `tx`: the embedded database has one connection, and a statement on `db` would wait for ever. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** Called for each NOTIFY that reaches this process, its own ones too. */
export type Hear = (signal: Signal, payload: string) => void;

export const signals: readonly Signal[] = ['delivery', 'preview', 'build', 'cancel', 'comment', 'status', 'deployment'];

/** The NOTIFY channel of a signal. */
export function channelOf(signal: Signal): string {
  return `kosuke_${signal}`;
}

export const migrationsFolder = fileURLToPath(new URL('migrations', import.meta.url));
