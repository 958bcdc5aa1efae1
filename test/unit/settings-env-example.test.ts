import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { envExample } from '../../src/settings/env-example.ts';
import { readSettings } from '../../src/settings.ts';
import { groups, variables } from '../../src/settings/variables.ts';

test('every variable stands in one group and once in .env.example, with a comment above it', () => {
  const grouped = Object.values(groups).flat();
  assert.deepEqual([...grouped].toSorted(), Object.keys(variables).toSorted());
  for (const name of grouped) assert.equal(envExample().match(new RegExp(`^# .+\\n#?${name}=`, 'gm'))?.length, 1, name);
});

test('a copy of .env.example asks for what must be filled in and for nothing else', () => {
  const read = readSettings(parseEnv(envExample()));
  assert.ok(!read.ok);
  assert.deepEqual(read.problems.map((problem) => problem.split(' ')[0]), ['APP_ID', 'PRIVATE_KEY_PATH', 'WEBHOOK_SECRET']);
});

test('each line that is commented out holds a value that would be accepted', () => {
  const lines = [...envExample().matchAll(/^#([A-Z_]+)=(.+)$/gm)];
  assert.ok(lines.length > 25);
  for (const [, name, value] of lines) {
    const read = readSettings({ [name!]: value! });
    assert.ok(!read.ok && read.problems.every((problem) => !problem.startsWith(`${name} `)), name);
  }
});
