import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runGroup } from '../../../scripts/setup/group.mjs';
import { eventually } from '../../support/eventually.ts';

const place = mkdtempSync(join(tmpdir(), 'kosuke-group-'));
after(() => rmSync(place, { recursive: true, force: true }));

const plain = { seconds: 20, stdio: 'ignore', env: process.env } as const;

describe('a command in its own process group', () => {
  test('says how it ended', async () => {
    assert.equal(await runGroup('sh', ['-c', 'exit 0'], plain), undefined);
    assert.equal(await runGroup('sh', ['-c', 'exit 3'], plain), 'ended with code 3');
    assert.equal(await runGroup('sh', ['-c', 'kill -9 $$'], plain), 'ended with SIGKILL');
    assert.match((await runGroup('/nowhere/command', [], plain)) ?? '', /^could not be started: .*ENOENT/);
  });

  test('is ended with its children when the bound passes', async () => {
    const note = join(place, 'bound');
    const end = await runGroup('sh', ['-c', `sleep 60 & echo $! > ${note}; wait`], { ...plain, seconds: 0.5 });
    assert.equal(end, 'took longer than 0.5 s');
    await eventually('the child is gone', () => !isRunning(note));
  });

  test('is ended when the person ends the set-up, before its start too', async () => {
    const ended = new AbortController();
    ended.abort();
    assert.equal(await runGroup('sleep', ['60'], { ...plain, signal: ended.signal }), 'was interrupted');
  });

  test('ends for the reason that it is ended with', async () => {
    const signal = AbortSignal.abort(new Error('said nothing for 5 s and was ended'));
    assert.equal(await runGroup('sleep', ['60'], { ...plain, signal }), 'said nothing for 5 s and was ended');
  });

  test('takes with it what it left behind, where that is asked for', async () => {
    const note = join(place, 'sweep');
    assert.equal(await runGroup('sh', ['-c', `sleep 60 & echo $! > ${note}`], { ...plain, sweep: true }), undefined);
    await eventually('the child is gone', () => !isRunning(note));
  });
});

/** Whether the noted process runs; one that was killed may stay a zombie for as long as nobody asks for its end. */
function isRunning(note: string): boolean {
  try {
    const stat = readFileSync(`/proc/${readFileSync(note, 'utf8').trim()}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}
