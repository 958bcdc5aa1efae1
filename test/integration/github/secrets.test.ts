import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { createIntake } from '../../../src/github/intake.ts';
import { createKeyCheck } from '../../../src/github/health.ts';
import { testStore } from '../../support/store.ts';
import { project, realClock, soon, startPartner, webhookSecret, withFault } from './support.ts';

it('no token, key or webhook secret is ever logged, at any level, when all goes wrong that can', async () => {
  const partner = await startPartner({ timeoutMs: 300 });
  const { store, close } = await testStore();
  const { local, github, codeHost, reporter, log, logged } = partner;
  const take = createIntake({ secret: webhookSecret, deliveries: store.deliveries, clock: realClock, log });
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const logFailure = (error: unknown) => log.error({ err: error, error, cause: error instanceof Error ? error.cause : null }, 'failed');

  try {
    const { project: shop, repository } = await project(local, 'acme', { private: true });
    const { token: cloneToken } = await codeHost.cloneAccess(shop, soon());
    await codeHost.heads(shop, soon());
    const { token } = (await github.octokitFor(shop.installationId).auth({ type: 'installation' })) as { token: string };
    const { token: jwt } = (await github.appOctokit.auth({ type: 'app' })) as { token: string };

    const refusedKey = { status: 401, body: { message: 'A JSON web token could not be decoded' } };
    const faults = [{ status: 500 }, { status: 403, body: { message: 'no' } }, 'drop', { delayMs: 400 }] as const;
    const journeys = [...faults.map((fault) => ({ fault, path: /./ })), { fault: refusedKey, path: /^\/app/ }];
    for (const { fault, path } of journeys) {
      await withFault(local, { method: 'GET', path }, fault, async () => {
        await codeHost.look(shop, { kind: 'branch', name: 'main' }, soon()).catch(logFailure);
        assert.equal((await createKeyCheck({ ...github, clock: realClock })()).ok, false);
      });
      await withFault(local, { method: 'POST', path }, fault, async () => {
        await codeHost.cloneAccess(shop, soon()).catch(logFailure);
        await reporter.putComment({ project: shop, pull: 1, commentId: null, body: 'x' }, soon()).catch(logFailure);
      });
    }
    await local.deleteRepository(repository);
    await codeHost.look(shop, { kind: 'branch', name: 'main' }, soon());

    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': randomUUID() as string };
    for (const secret of ['a wrong one', webhookSecret]) {
      const signature = `sha256=${createHmac('sha256', secret).update('{}').digest('hex')}`;
      await fetch(url, { method: 'POST', body: '{}', headers: { ...headers, 'x-hub-signature-256': signature } });
    }

    const secrets = { cloneToken, token, jwt, key: partner.privateKey.split('\n')[3] ?? '', webhookSecret };
    const found = () => Object.entries(secrets).filter(([, value]) => logged().includes(value)).map(([name]) => name);
    assert.ok(Object.values(secrets).every((value) => value.length > 16));
    assert.match(logged(), /GitHub request: GET/);
    assert.match(logged(), /"failed"/);
    assert.deepEqual(found(), []);
    log.info({ ...secrets }, 'this search would find them');
    assert.deepEqual(found(), Object.keys(secrets));
  } finally {
    server.close();
    server.closeAllConnections();
    await close();
    await partner.close();
  }
});
