import assert from 'node:assert/strict';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { it } from 'node:test';
import { createJwtSigner } from '../../../src/github/jwt.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const clock = { now: () => new Date('2026-11-23T09:00:00Z'), sleep: () => Promise.resolve() };

it('signs the token of the App by the given clock, for less than the 10 minutes that GitHub allows', async () => {
  const { jwt, expiresAt } = await createJwtSigner(privateKey, clock)(123);
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>;
  const now = clock.now().getTime() / 1000;
  assert.deepEqual([iss, iat, exp], [123, now - 60, now + 540]);
  assert.equal(expiresAt, '2026-11-23T09:09:00.000Z');
  assert.ok(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url'));
});

it('adds the difference to the clock of GitHub', async () => {
  const { expiresAt } = await createJwtSigner(privateKey, clock)(123, 3_600);
  assert.equal(expiresAt, '2026-11-23T10:09:00.000Z');
});

it('refuses a key that is none', () => {
  assert.throws(() => createJwtSigner('not a key', clock));
});
