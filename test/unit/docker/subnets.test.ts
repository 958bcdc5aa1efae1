import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSubnet, freeSubnets, parseSubnet } from '../../../src/docker/subnets.ts';

const free = (pool: string, bits: number, taken: string[]): string[] =>
  [...freeSubnets(parseSubnet(pool), bits, taken.map(parseSubnet))].map(formatSubnet);

test('a subnet survives parsing and formatting, its host bits cleared', () => {
  assert.equal(formatSubnet(parseSubnet('10.232.0.0/16')), '10.232.0.0/16');
  assert.equal(formatSubnet(parseSubnet('255.255.255.77/28')), '255.255.255.64/28');
  assert.equal(formatSubnet(parseSubnet('0.0.0.0/0')), '0.0.0.0/0');
});

test('what is no IPv4 subnet is refused', () => {
  for (const text of ['', '10.0.0.0', '10.0.0.256/8', '10.0.0.0/33', 'fd00::/8', '10.0.0.0/16 ']) {
    assert.throws(() => parseSubnet(text), TypeError, text);
  }
});

test('the pool is cut from its start and leaves out what overlaps with taken ranges, small or large', () => {
  assert.deepEqual(free('10.232.0.0/26', 28, []), ['10.232.0.0/28', '10.232.0.16/28', '10.232.0.32/28', '10.232.0.48/28']);
  assert.deepEqual(free('10.232.0.0/26', 28, ['10.232.0.20/32', '10.232.0.32/27']), ['10.232.0.0/28']);
  assert.deepEqual(free('10.232.0.0/26', 28, ['10.0.0.0/8']), []);
  assert.deepEqual(free('10.232.0.0/27', 28, ['172.17.0.0/16', '10.232.0.32/28']), ['10.232.0.0/28', '10.232.0.16/28']);
});
