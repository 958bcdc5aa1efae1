import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import * as schema from '../../../src/store/schema.ts';

const meta = new URL('../../../src/store/migrations/meta/', import.meta.url);

test('the migrations make the tables of the schema (else: npm run migrations)', async () => {
  const newest = (await readdir(meta)).filter((name) => name.endsWith('_snapshot.json')).sort().at(-1);
  assert.ok(newest !== undefined);
  const made: ReturnType<typeof generateDrizzleJson> = JSON.parse(await readFile(new URL(newest, meta), 'utf8'));
  assert.deepEqual(await generateMigration(made, generateDrizzleJson(schema)), []);
});
