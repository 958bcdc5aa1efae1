import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockerfileText } from '../../../src/domain/dockerfile-text.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

test('a Dockerfile in UTF-16 is called that, with and without a mark, in both orders', () => {
  const text = 'FROM busybox\nRUN true\n';
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  for (const bytes of [little, big, Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()]) {
    assert.throws(
      () => dockerfileText(bytes),
      (error) => error instanceof KosukeError && error.failure.fault === 'app' && /UTF-16/.test(error.failure.what) && /UTF-8/.test(error.failure.next),
    );
  }
});

test('all else is read as UTF-8, marks and what is none included', () => {
  for (const text of ['', 'F', 'FROM busybox\n', '\uFEFFFROM busybox\n', '# Grüße 世界\n', '\u0000\u0000\u0000\u0000', 'a\u0000bc']) assert.equal(dockerfileText(Buffer.from(text)), text);
  assert.equal(dockerfileText(Buffer.from([0x46, 0xc3])), 'F\uFFFD');
});
