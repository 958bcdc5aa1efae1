import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readyPostgres } from '../../../scripts/setup/postgres.mjs';

const job = { doing: () => undefined, signal: AbortSignal.timeout(10_000), log: 'unused' };

describe('the set-up, asked for Postgres', () => {
  test('installs nothing where its programs are', async () => {
    const ready = readyPostgres(job, { bin: () => '/usr/lib/postgresql/17/bin', mayInstall: () => assert.fail('it is there') });
    assert.equal(await ready, 'postgresql, present');
  });

  test('says in one sentence what to do where they are not and may not be installed', async () => {
    const ready = readyPostgres(job, { bin: () => undefined, mayInstall: () => false });
    await assert.rejects(ready, { name: 'SetupFailure', message: /^The tests need the programs of a Postgres server .+: install PostgreSQL 15 or newer, then try again\.$/ });
  });
});
