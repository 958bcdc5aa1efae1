import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { openPostgres } from '../../../src/store/postgres.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';

let postgres: PostgresServer;
before(async () => {
  postgres = await startPostgres({ durable: false });
});
after(() => postgres.close());

test('a process that is suspended in the middle of a transaction does not keep others from its rows for longer than 10 s', async () => {
  const { db, transaction, close } = await openPostgres(await postgres.createDatabase(), () => undefined, pino({ level: 'silent' }));
  try {
    await db.execute(sql`create table held (id integer primary key, by text)`);
    await db.execute(sql`insert into held values (1, 'nobody')`);
    const holding = Promise.withResolvers<void>();
    const suspended = transaction(async (tx) => {
      await tx.execute(sql`update held set by = 'the suspended one'`);
      holding.resolve();
      await delay(12_000);
      await tx.execute(sql`select 1`);
    });
    suspended.catch(() => undefined);
    await holding.promise;
    const began = performance.now();
    await db.execute(sql`update held set by = 'another'`);
    assert.ok(performance.now() - began < 20_000);
    await assert.rejects(suspended);
    const { rows } = await db.execute<{ by: string }>(sql`select by from held`);
    assert.deepEqual(rows, [{ by: 'another' }]);
  } finally {
    await close();
  }
});
