import assert from 'node:assert/strict';
import { link, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { once } from 'node:events';
import { KosukeError } from '../../../src/domain/errors.ts';
import { type DataDirLock, lockDataDir } from '../../../src/store/lock.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kosuke-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('the second one finds it held, and gets it after the release', async () => {
  const first = await locked();
  assert.equal(await take(), 'held');
  await first.release();
  assert.deepEqual(await readdir(dir), []);
  await (await locked()).release();
});

test('the address is a socket of ours alone that reaches the holder', async () => {
  const lock = await locked();
  const address = join(dir, 'kosuke.sock');
  assert.equal((await stat(address)).mode & 0o777, 0o600);
  const reached = once(lock.server, 'connection');
  const caller = connect(address);
  const [socket] = await reached;
  socket.destroy();
  caller.destroy();
  await lock.release();
});

test('it makes the directory, for this user alone', async () => {
  dir = join(dir, 'data');
  const lock = await locked();
  assert.equal((await stat(dir)).mode & 0o777, 0o700);
  await lock.release();
});

/** What a kill leaves behind after each line of taking the lock. */
const leftovers: [string, string[]][] = [
  ['before the claim was shown', ['kosuke-0123abcd']],
  ['after the claim was shown', ['kosuke-0123abcd.claim']],
  ['while the address was made', ['kosuke-0123abcd.claim', 'kosuke-0123abcd']],
  ['while it was held', ['kosuke-0123abcd.claim', 'kosuke.sock']],
  ['during the release', ['kosuke-0123abcd.claim']],
  ['by a holder and by a contender before it', ['kosuke-0123abcd.claim', 'kosuke-4567cdef', 'kosuke.sock']],
];
for (const [when, names] of leftovers) {
  test(`a process killed ${when} leaves nothing in the way`, async () => {
    await deadSockets(names);
    const lock = await locked();
    assert.equal(await take(), 'held');
    assert.equal((await readdir(dir)).length, 2, 'the claim and the address');
    await lock.release();
    assert.deepEqual(await readdir(dir), []);
  });
}

test('of twelve that find a dead one at once, one gets it', async () => {
  for (let round = 0; round < 10; round += 1) {
    await deadSockets(['kosuke-0123abcd.claim', 'kosuke.sock']);
    const results = await Promise.all(Array.from({ length: 12 }, take));
    const locks = results.filter((result) => result !== 'held');
    assert.equal(locks.length, 1);
    await locks[0]?.release();
  }
});

test('never two hold it while many take it, give it back and die', async () => {
  let holders = 0;
  let taken = 0;
  const worker = async (dies: boolean) => {
    for (let round = 0; round < 15; round += 1) {
      const lock = await take();
      if (lock === 'held') {
        await turn();
        continue;
      }
      holders += 1;
      taken += 1;
      assert.equal(holders, 1);
      await turn();
      holders -= 1;
      // A server that closes by itself leaves its sockets like a kill.
      if (dies) lock.server.close();
      else await lock.release();
    }
  };
  await Promise.all([true, false, true, false, true, false].map(worker));
  assert.ok(taken > 5, `${taken} locks were taken`);
});

test('a path too long for a socket is refused with what to do', async () => {
  const long = join(dir, 'd'.repeat(100));
  await assert.rejects(lockDataDir(long), (error) => error instanceof KosukeError && /shorter path/.test(error.failure.next));
});

test('a directory that cannot be made is named', async () => {
  const lock = await locked();
  await assert.rejects(
    lockDataDir(join(dir, 'kosuke.sock', 'data')),
    (error) => error instanceof KosukeError && error.failure.code === 'store' && error.failure.what.includes('kosuke.sock'),
  );
  await lock.release();
});

/** A lock that a failed test leaves behind must not keep the process. */
async function take(): Promise<DataDirLock | 'held'> {
  const lock = await lockDataDir(dir);
  if (lock !== 'held') lock.server.unref();
  return lock;
}

async function locked(): Promise<DataDirLock> {
  const lock = await take();
  if (lock === 'held') throw new Error('held by nobody');
  return lock;
}

/** Sockets to which nobody listens: a server removes only the name that it was given. */
async function deadSockets(names: string[]): Promise<void> {
  const server = createServer().listen(join(dir, 'own'));
  await once(server, 'listening');
  for (const name of names) {
    await rm(join(dir, name), { force: true });
    await link(join(dir, 'own'), join(dir, name));
  }
  server.close();
  await once(server, 'close');
}
