import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isTrouble, type Partner, project, soon, startPartner, withFault } from './support.ts';

describe('the code host, when GitHub gives no clear answer', () => {
  let partner: Partner;
  before(async () => {
    partner = await startPartner({ timeoutMs: 1_000 });
  });
  after(() => partner.close());

  const lookAt = async (of: Awaited<ReturnType<typeof project>>, branch: string) =>
    partner.codeHost.look(of.project, { kind: 'branch', name: branch }, soon());

  const faults: [string, object | 'drop', RegExp][] = [
    ['a 500', { status: 500, body: { message: 'Server Error' } }, /500, Server Error/],
    ['a 503 page', { status: 503, headers: { 'content-type': 'text/html' }, body: '<h1>Unicorn</h1>' }, /503/],
    ['a 404 page of a proxy', { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }, /404/],
    ['HTML with status 200', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>sign in</h1>' }, /cannot be read|not JSON/],
    ['another shape', { status: 200, body: { unexpected: true } }, /not what it documents/],
    ['a cut connection', 'drop', /could not be reached/],
    ['silence', { delayMs: 1_500 }, /within 1 s/],
  ];
  for (const [name, fault, why] of faults) {
    it(`concludes nothing from ${name}`, async () => {
      const shop = await project(partner.local, `fault-${faults.findIndex(([one]) => one === name)}`);
      await withFault(partner.local, { method: 'GET', path: /\/git\/ref\// }, fault, () =>
        assert.rejects(lookAt(shop, 'main'), isTrouble(why)),
      );
      assert.notEqual((await lookAt(shop, 'main')).headSha, null);
    });
  }

  it('leaves GitHub alone for as long as a rate limit says', async () => {
    const shop = await project(partner.local, 'limited');
    const limit = { status: 403, headers: { 'retry-after': '30' }, body: { message: 'You have exceeded a secondary rate limit' } };
    await withFault(partner.local, { method: 'GET', path: /\/git\/ref\//, times: 1 }, limit, () =>
      assert.rejects(lookAt(shop, 'main'), isTrouble(/rate limit/)),
    );
    const before = partner.local.requests().filter(({ url }) => url.includes(`/repos/limited/`)).length;
    await assert.rejects(partner.codeHost.heads(shop.project, soon()), isTrouble(/rate limit/));
    assert.equal(partner.local.requests().filter(({ url }) => url.includes(`/repos/limited/`)).length, before);
  });

  it('gives the reason of whoever gave up, not a fault of GitHub', async () => {
    const shop = await project(partner.local, 'stopped');
    const stop = new Error('the program stops');
    const asked = partner.codeHost.heads(shop.project, AbortSignal.abort(stop));
    await assert.rejects(asked, stop);
    const given = new AbortController();
    await withFault(partner.local, { method: 'GET', path: /branches/ }, { delayMs: 500 }, async () => {
      const under = partner.codeHost.heads(shop.project, given.signal);
      given.abort(stop);
      await assert.rejects(under, stop);
    });
  });
});
