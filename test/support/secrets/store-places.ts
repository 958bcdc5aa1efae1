import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Place } from './search.ts';

/** Every row of every table in the embedded database of a program that does not run. */
export async function storePlaces(dataDir: string): Promise<Place[]> {
  const database = await PGlite.create({ dataDir: join(dataDir, 'db') });
  try {
    const places: Place[] = [];
    for (const table of await tablesOf(database)) {
      const { rows } = await database.query<{ row: string }>(`select to_json(t)::text as row from ${table} t`);
      places.push(...rows.map(({ row }, at) => ({ where: `row ${at} of the table ${table}`, what: row })));
    }
    return places;
  } finally {
    await database.close();
  }
}

/** With their schemas, quoted; those of the database itself left out. */
export async function tablesOf(database: PGlite): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  return rows.map(({ name }) => name);
}
