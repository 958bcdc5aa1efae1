import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import { warnIfOpen } from '../../../src/serve/data-dir.ts';

test('a data directory that others can look into is named once, with what to do', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kosuke-open-'));
  context.after(() => rm(dataDir, { recursive: true }));
  const lines: string[] = [];
  const log = pino({}, new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) }));
  await chmod(dataDir, 0o700);
  await warnIfOpen(dataDir, log);
  assert.deepEqual(lines, []);
  for (const mode of [0o755, 0o750, 0o701]) {
    await chmod(dataDir, mode);
    await warnIfOpen(dataDir, log);
    const { level, ...said } = JSON.parse(lines.pop()!);
    assert.equal(level, 40);
    assert.partialDeepStrictEqual(said, { dataDir, mode: mode.toString(8), next: `Close it with: chmod 700 ${dataDir}`, msg: 'DATA_DIR is open to other users of this machine' });
    assert.deepEqual(lines, []);
  }
});
