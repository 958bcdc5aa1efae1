import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createKeyCheck } from '../../../src/github/health.ts';
import { startPartner, withFault } from './support.ts';

it('the check of the key asks GitHub once a minute, and sooner after a bad answer', async () => {
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead), sleep: () => Promise.resolve() };
  const partner = await startPartner();
  const check = createKeyCheck({ ...partner.github, clock });
  const asked = () => partner.local.requests().filter(({ url }) => url === '/app').length;
  try {
    const first = await Promise.all([check(), check(), check()]);
    assert.deepEqual(first, Array.from({ length: 3 }, () => ({ ok: true, slug: partner.local.slug })));
    assert.equal(asked(), 1);
    ahead = 59_000;
    await check();
    assert.equal(asked(), 1);
    ahead = 61_000;
    const refused = { status: 401, body: { message: 'A JSON web token could not be decoded' } };
    const bad = await withFault(partner.local, { method: 'GET', path: /^\/app$/ }, refused, check);
    assert.equal(bad.ok, false);
    assert.match(bad.ok ? '' : bad.why, /^GitHub did not accept the key of the App: .*401.* Check APP_ID, PRIVATE_KEY and the clock/);
    ahead = 70_000;
    assert.equal((await check()).ok, false);
    ahead = 72_000;
    assert.deepEqual(await check(), { ok: true, slug: partner.local.slug });
    assert.equal(asked(), 3);
  } finally {
    await partner.close();
  }
});
