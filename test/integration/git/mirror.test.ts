import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureMirror, isThere, mirrorDir } from '../../../src/git/mirror.ts';

test('mirrors, which may be of private repositories, are for the user that runs the program alone, whatever was there before', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kosuke-mirrors-'));
  context.after(() => rm(dataDir, { recursive: true }));
  const modeOf = async (directory: string) => (await stat(directory)).mode & 0o777;
  await chmod(dataDir, 0o755);

  const fresh = join(dataDir, 'git');
  await ensureMirror(mirrorDir(fresh, 1), 'a'.repeat(40));
  assert.equal(await modeOf(fresh), 0o700);
  assert.equal(await modeOf(dataDir), 0o755, 'what an operator chose for the rest stays');

  const open = join(dataDir, 'open');
  await mkdir(open);
  await chmod(open, 0o755);
  await ensureMirror(mirrorDir(open, 1), 'a'.repeat(40));
  assert.equal(await modeOf(open), 0o700);

  await chmod(fresh, 0o750);
  await ensureMirror(mirrorDir(fresh, 1), 'a'.repeat(40));
  assert.equal(await modeOf(fresh), 0o700, 'also when the mirror is there already');
  assert.equal(await isThere(mirrorDir(fresh, 1)), true);
});
