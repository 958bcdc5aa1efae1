import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { eventually } from '../../support/eventually.ts';
import { fillDatabase } from '../../support/store.ts';

test('the embedded database keeps its memory small, writes a checkpoint every 10 minutes and cleans up every day', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kosuke-upkeep-'));
  context.after(() => rm(dataDir, { recursive: true }));
  await fillDatabase(dataDir);
  context.mock.timers.enable({ apis: ['setInterval'] });
  const handle = await openEmbedded(dataDir, () => undefined, pino({ level: 'silent' }));
  try {
    const value = async (query: string) => (await handle.db.execute<{ value: string }>(sql.raw(query))).rows[0]?.value;
    assert.equal(await value(`select current_setting('shared_buffers') as value`), '8MB');

    const checkpoint = () => value('select checkpoint_lsn as value from pg_control_checkpoint()');
    await handle.db.execute(sql`create table grown as select generate_series(1, 1000) as n`);
    const before = await checkpoint();
    context.mock.timers.tick(10 * 60_000 - 1);
    assert.equal(await checkpoint(), before);
    context.mock.timers.tick(1);
    await eventually('a checkpoint is written', async () => (await checkpoint()) !== before);

    // Rows that were deleted keep their pages until somebody cleans up.
    const pages = () => value(`select pg_relation_size('grown')::text as value`);
    await handle.db.execute(sql`delete from grown`);
    assert.notEqual(await pages(), '0');
    context.mock.timers.tick(24 * 3_600_000);
    await eventually('the pages of deleted rows are given back', async () => (await pages()) === '0');
  } finally {
    await handle.close();
  }
});
