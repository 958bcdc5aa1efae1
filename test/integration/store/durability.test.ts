import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { KosukeError } from '../../../src/domain/errors.ts';
import { lockDataDir } from '../../../src/store/lock.ts';
import { openStore } from '../../../src/store/open.ts';
import { eventually } from '../../support/eventually.ts';

const log = pino({ level: 'silent' });
const holder = fileURLToPath(new URL('holder.ts', import.meta.url));

/** One for all: making a new database takes seconds. */
let dataDir: string;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-store-'));
});
after(() => rm(dataDir, { recursive: true }));

test('a kill in the middle of writing loses no row that was acknowledged, and nobody can come in before it', async () => {
  // An earlier start was killed while it made the database.
  await mkdir(join(dataDir, 'db.new'));
  await writeFile(join(dataDir, 'db.new', 'PG_VERSION'), '');
  const child = spawn(process.execPath, [holder, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const over = once(child, 'close');
  try {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const acknowledged = () => said.split('\n').slice(0, -1);
    await eventually('300 rows', () => acknowledged().length >= 300, { within: 60_000 });
    assert.equal(await lockDataDir(dataDir), 'held');
    child.kill('SIGKILL');
    await over;

    const lock = await lockDataDir(dataDir);
    assert.ok(lock !== 'held');
    const store = await openStore({ dataDir, log });
    for (const guid of acknowledged()) {
      assert.equal(await store.deliveries.add({ guid, event: 'push', body: '{}', receivedAt: new Date() }), 'seen');
    }
    await store.close();
    await lock.release();
  } finally {
    child.kill('SIGKILL');
    await over;
  }
});

test('an opened store is the one that was closed', async () => {
  const first = await openStore({ dataDir, log });
  const facts = { repositoryId: 1, installationId: 1, owner: 'a', name: 'b', private: false, defaultBranch: 'main' };
  await first.projects.ensure(facts, new Date());
  await first.close();
  const second = await openStore({ dataDir, log });
  assert.equal((await second.projects.byRepositoryId(1))?.name, 'b');
  await second.ping();
  await second.close();
  await second.close();
  await assert.rejects(second.ping(), (error) => error instanceof KosukeError && error.failure.code === 'store' && error.retry);
});

test('a database that cannot be reached is our trouble, to be tried again', async () => {
  const opening = openStore({ dataDir: 'unused', databaseUrl: 'postgres://nobody:hidden@127.0.0.1:1/none', log });
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof KosukeError);
    assert.deepEqual([error.failure.code, error.failure.fault, error.retry], ['store', 'us', true]);
    assert.doesNotMatch(JSON.stringify(error.failure), /hidden/);
    return true;
  });
});
