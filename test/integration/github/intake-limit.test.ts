import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createIntake } from '../../../src/github/intake.ts';
import { testStore } from '../../support/store.ts';
import { capturedLog, realClock, webhookSecret } from './support.ts';

const largest = 25 * 1024 * 1024;

test('a body of 25 MiB is waited for, one byte more is refused before any of it is sent', async (context) => {
  const { store, close } = await testStore();
  const take = createIntake({ secret: webhookSecret, deliveries: store.deliveries, clock: realClock, log: capturedLog().log, bodyTimeoutMs: 200 });
  const server = createServer((incoming, outgoing) => void take(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.close();
    server.closeAllConnections();
    await close();
  });
  const { port } = server.address() as AddressInfo;
  const declared = (bytes: number) =>
    new Promise<number>((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': bytes,
        'x-github-event': 'push',
        'x-github-delivery': 'aaaaaaaa-0000-0000-0000-000000000001',
        'x-hub-signature-256': `sha256=${'a'.repeat(64)}`,
      };
      const asked = request({ host: '127.0.0.1', port, method: 'POST', path: '/api/github/webhooks', headers });
      asked.once('error', reject).once('response', (answer) => {
        resolve(answer.statusCode ?? 0);
        asked.destroy();
      });
      asked.flushHeaders();
    });
  assert.equal(await declared(largest + 1), 413);
  assert.equal(await declared(largest), 408, 'its body never comes');
  assert.equal(await store.deliveries.nextDue(), null);
});
