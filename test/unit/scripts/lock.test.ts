import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { takeLock } from '../../../scripts/setup/lock.mjs';

const place = mkdtempSync(join(tmpdir(), 'kosuke-setup-lock-'));
let directory = place;
after(() => rmSync(place, { recursive: true, force: true }));
beforeEach(() => {
  directory = mkdtempSync(join(place, 'claims-'));
});

describe('the lock of the set-up', () => {
  test('is held by one at a time, and goes to the next when given back', async () => {
    const release = await takeLock({ directory });
    const waited = Promise.withResolvers<number>();
    const second = takeLock({ directory, onWait: waited.resolve });
    assert.equal(await waited.promise, process.pid);
    await release();
    await (await second)();
    assert.deepEqual(readdirSync(directory), []);
  });

  test('is taken over from a process that is dead, and from an earlier life of a process id', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(join(directory, `${dead}-1-aaaa`), '');
    writeFileSync(join(directory, `${process.pid}-1-bbbb`), '');
    const release = await takeLock({ directory, seconds: 0 });
    assert.equal(readdirSync(directory).length, 1);
    await release();
  });

  test('is not waited for longer than the bound', async () => {
    const release = await takeLock({ directory });
    await assert.rejects(takeLock({ directory, seconds: 0 }), {
      name: 'SetupFailure',
      message: `Another set-up (process ${process.pid}) has been at work for more than 0 s: wait for it or end it, then try again.`,
    });
    await release();
    assert.deepEqual(readdirSync(directory), []);
  });

  test('stops waiting when the person ends the set-up', async () => {
    const release = await takeLock({ directory });
    const ended = new AbortController();
    await assert.rejects(takeLock({ directory, signal: ended.signal, onWait: () => ended.abort() }), { name: 'AbortError' });
    await release();
  });

  test('never lets two of several processes in', async () => {
    const account = join(directory, '..', 'account');
    const script = `
      import { appendFileSync } from 'node:fs';
      import { takeLock } from ${JSON.stringify(new URL('../../../scripts/setup/lock.mjs', import.meta.url).href)};
      for (let turn = 0; turn < 3; turn += 1) {
        const release = await takeLock({ directory: ${JSON.stringify(directory)} });
        appendFileSync(${JSON.stringify(account)}, 'in ' + process.pid + '\\n');
        await new Promise((resolve) => setTimeout(resolve, 5));
        appendFileSync(${JSON.stringify(account)}, 'out ' + process.pid + '\\n');
        await release();
      }`;
    const racer = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { timeout: 30_000 });
    await Promise.all([racer(), racer(), racer(), racer()]);

    const turns = readFileSync(account, 'utf8').trim().split('\n');
    assert.equal(turns.length, 24);
    for (let index = 0; index < turns.length; index += 2) {
      assert.equal(turns[index + 1], turns[index]?.replace('in', 'out'));
    }
  });
});
