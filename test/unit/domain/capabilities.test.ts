import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { capabilitiesOf, containerCapabilities } from '../../../src/domain/capabilities.ts';

/** `struct vfs_cap_data`: revision and flags, then permitted and inheritable, lower and upper words. */
function attribute(revision: number, ...words: number[]): Uint8Array {
  const buffer = Buffer.alloc(4 * (words.length + 1));
  [revision * 2 ** 24 + 1, ...words].forEach((word, at) => buffer.writeUInt32LE(word, 4 * at));
  return buffer;
}

test('the capabilities that a file asks for are read from its attribute', () => {
  assert.deepEqual(capabilitiesOf(attribute(2, 1 << 10, 0, 0, 0)), ['NET_BIND_SERVICE']);
  assert.deepEqual(capabilitiesOf(attribute(2, 1 << 14, 0, 1 << 7, 0)), ['IPC_LOCK', 'BPF']);
  assert.deepEqual(capabilitiesOf(attribute(3, (1 << 31) >>> 0, 0, 0, 0, 1000)), ['SETFCAP']);
  assert.deepEqual(capabilitiesOf(attribute(1, 1 << 13, 0)), ['NET_RAW']);
  assert.deepEqual(capabilitiesOf(attribute(1, 1 << 13, 0, 0xffffffff, 0xffffffff)), ['NET_RAW'], 'the first revision has one word');
  assert.deepEqual(capabilitiesOf(new Uint8Array(0)), []);
});

test('property: whatever the attribute holds, it is names or nothing', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => assert.ok(capabilitiesOf(bytes).every((name) => /^[A-Z_]+$/.test(name)))));
});

test('the page for repository owners names the capabilities that a container has', () => {
  const page = readFileSync(new URL('../../../docs/how-to.md', import.meta.url), 'utf8');
  assert.ok(page.includes(containerCapabilities.map((name) => `\`${name}\``).join(', ')), 'docs/how-to.md lists them');
});
