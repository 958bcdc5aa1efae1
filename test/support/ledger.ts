import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { World } from './world.ts';

/** The program's ledger of webhooks, GUID → state. Only while the program does not run: the embedded database has one owner. */
export async function ledgerOf({ program }: World): Promise<Map<string, string>> {
  if (program.pid !== null) throw new Error('the program still has its database');
  const database = await PGlite.create(join(program.env['DATA_DIR']!, 'db'));
  try {
    const { rows } = await database.query<{ guid: string; state: string }>('select guid, state from deliveries');
    return new Map(rows.map(({ guid, state }) => [guid, state]));
  } finally {
    await database.close();
  }
}
