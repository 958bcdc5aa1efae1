import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { instancePattern } from '../../src/domain/labels.ts';
import { openIdentity } from '../../src/settings/identity.ts';

const root = mkdtempSync(join(tmpdir(), 'kosuke-identity-'));
after(() => rmSync(root, { recursive: true }));
const unset = { instanceId: null, encryptionKey: null };

test('id and key are made once, for the owner alone, and found again', async () => {
  const dataDir = join(root, 'made/deep');
  const first = await openIdentity({ dataDir, ...unset });
  assert.match(first.instanceId, instancePattern);
  assert.equal(first.encryptionKey.length, 32);
  assert.equal(first.instanceKey.length, 32);
  assert.notDeepEqual(first.instanceKey, first.encryptionKey);
  assert.deepEqual(readdirSync(dataDir).toSorted(), ['encryption-key', 'instance-id', 'worker-id']);
  for (const file of readdirSync(dataDir)) assert.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, file);
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  assert.deepEqual(await openIdentity({ dataDir, ...unset }), first);
});

test('many starts at once agree, and leave nothing else behind', async () => {
  const dataDir = join(root, 'many');
  const all = await Promise.all(Array.from({ length: 20 }, () => openIdentity({ dataDir, ...unset })));
  for (const one of all) assert.deepEqual(one, all[0]);
  assert.deepEqual(readdirSync(dataDir).toSorted(), ['encryption-key', 'instance-id', 'worker-id']);
});

test('what the settings give wins, and is not written', async () => {
  const dataDir = join(root, 'given');
  const given = { instanceId: 'k0123abcd', encryptionKey: Buffer.alloc(32, 7) };
  const identity = await openIdentity({ dataDir, ...given });
  assert.equal(identity.instanceId, given.instanceId);
  assert.deepEqual(identity.encryptionKey, given.encryptionKey);
  assert.deepEqual(readdirSync(dataDir), ['worker-id']);
});

test('another id or another key gives another instance key', async () => {
  const dataDir = join(root, 'derived');
  const of = async (instanceId: string, fill: number) => (await openIdentity({ dataDir, instanceId, encryptionKey: Buffer.alloc(32, fill) })).instanceKey.toString('hex');
  const keys = [await of('aaaa', 1), await of('bbbb', 1), await of('aaaa', 2)];
  assert.equal(new Set(keys).size, 3);
  assert.equal(await of('aaaa', 1), keys[0]);
});

test('a damaged file is named and never written over', async () => {
  const dataDir = mkdtempSync(join(root, 'damaged-'));
  const file = join(dataDir, 'encryption-key');
  writeFileSync(file, 'half a k');
  await assert.rejects(openIdentity({ dataDir, ...unset }), (error: Error) => error.message.startsWith(`${file} does not hold what was written there.`) && !error.message.includes('half a k'));
  assert.equal(readFileSync(file, 'utf8'), 'half a k');
});

test('a data directory that cannot be written is named', async () => {
  const dataDir = mkdtempSync(join(root, 'blocked-'));
  writeFileSync(join(dataDir, 'file'), '');
  await assert.rejects(openIdentity({ dataDir: join(dataDir, 'file', 'below'), ...unset }), /below cannot be made\. Set DATA_DIR to/);
});
