import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { smallMemory } from '../../../src/store/embedded.ts';
import { withPreparedStatements } from '../../../src/store/prepared.ts';

describe('the embedded database with statements that stay prepared', () => {
  let pglite: PGlite;
  let client: ReturnType<typeof withPreparedStatements>;

  before(async () => {
    pglite = await PGlite.create({ postgresqlconf: smallMemory });
    client = withPreparedStatements(pglite, 3);
    await pglite.exec('create table t (id integer primary key, at timestamptz, body jsonb, fine boolean, big bigint, words text[])');
  });
  after(() => pglite.close());

  test('gives what PGlite gives, in both forms, for values of all kinds', async () => {
    const values = [1, '2026-01-01T00:00:00Z', JSON.stringify({ a: ['ü', null] }), true, 2 ** 40, ['x', 'y"z']];
    await client.query('insert into t values ($1, $2, $3, $4, $5, $6)', values);
    await client.query('insert into t (id) values ($1)', [2]);
    for (const options of [{}, { rowMode: 'array' as const }, { parsers: { 1184: (text: string) => text } }]) {
      const text = 'select * from t where id = any($1) order by id';
      const [ours, own] = [await client.query(text, [[1, 2]], options), await pglite.query(text, [[1, 2]], options)];
      assert.deepEqual(ours.rows, own.rows);
      assert.deepEqual(ours.fields.map(({ name }) => name), own.fields.map(({ name }) => name));
    }
    assert.equal((await client.query('update t set fine = $1 where id > $2', [false, 0])).affectedRows, 2);
  });

  test('keeps no more of them than it may, and prepares one again that it has given up', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let number = 0; number < 6; number += 1) assert.deepEqual((await client.query(`select $1::integer + ${number} as sum`, [round])).rows, [{ sum: round + number }]);
    }
    const { rows } = await pglite.query<{ count: number }>('select count(*)::integer as count from pg_prepared_statements');
    assert.equal(rows[0]?.count, 3);
  });

  test('throws what the database says, and goes on', async () => {
    await assert.rejects(client.query('insert into t (id) values ($1)', [1]), { code: '23505' });
    await assert.rejects(client.query('select no_such_thing'), { code: '42703' });
    await assert.rejects(client.query('select no_such_thing'), { code: '42703' });
    assert.deepEqual((await client.query('select 1 as one')).rows, [{ one: 1 }]);
  });

  test('keeps a statement out of a transaction that is open', async () => {
    let outside: Promise<unknown> | undefined;
    await client.transaction(async (tx) => {
      await tx.query('insert into t (id) values (10)');
      outside = client.query('insert into t (id) values ($1)', [11]);
      await tx.rollback();
    });
    await outside;
    assert.deepEqual((await client.query('select id from t where id >= $1 order by id', [10])).rows, [{ id: 11 }]);
  });

  test('delivers what is notified', async () => {
    const heard: string[] = [];
    await pglite.listen('told', (payload) => heard.push(payload));
    await client.query("select pg_notify('told', $1)", ['news']);
    assert.deepEqual(heard, ['news']);
  });
});
