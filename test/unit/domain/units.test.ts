import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBytes, parseDuration } from '../../../src/domain/units.ts';

test('durations are milliseconds', () => {
  const known = { '500ms': 500, '30s': 30_000, '5m': 300_000, '2h': 7_200_000, '14d': 1_209_600_000, '0s': 0, never: Infinity };
  for (const [text, ms] of Object.entries(known)) assert.equal(parseDuration(text), ms, text);
});

test('what is not a duration is null', () => {
  for (const text of ['', '5', 's', '5 s', '5S', '-5s', '1.5h', '5min', '5m ', '5m\n', 'Never', '1e3s', '5m5s', '9'.repeat(10) + 's']) assert.equal(parseDuration(text), null, JSON.stringify(text));
});

test('memory is bytes, by powers of 1,024', () => {
  const known = { '1024b': 1024, '512k': 524_288, '64m': 67_108_864, '2g': 2_147_483_648, '64M': 67_108_864 };
  for (const [text, bytes] of Object.entries(known)) assert.equal(parseBytes(text), bytes, text);
});

test('what is not an amount of memory is null', () => {
  for (const text of ['', '64', 'm', '64 m', '64mb', '-64m', '1.5g', '64m\n', '1t']) assert.equal(parseBytes(text), null, JSON.stringify(text));
});
