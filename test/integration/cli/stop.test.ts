import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';
import { fillDatabase } from '../../support/store.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

describe('serve, while engine, Traefik and GitHub are all away', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`lives, says what is missing, and ends with 0 within 10 s of ${signal}`, async (context) => {
      const { child, ended, at, said } = await serve(context);
      await eventually('it lives', async () => (await fetch(at('/healthz'))).status === 200, { within: 30_000 });
      const ready = await fetch(at('/readyz'));
      assert.equal(ready.status, 503);
      const parts = (await ready.json()) as Record<string, { ok: boolean }>;
      assert.deepEqual(
        ['database', 'engine', 'github', 'edge'].map((part) => [part, parts[part]?.ok]),
        [
          ['database', true],
          ['engine', false],
          ['github', false],
          ['edge', false],
        ],
      );
      const asked = performance.now();
      child.kill(signal);
      assert.deepEqual(await ended, [0, null], said());
      assert.ok(performance.now() - asked < 10_000);
      assert.match(said(), /"msg":"stopped"\}\n$/);
    });
  }
});

async function serve(context: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-stop-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  const dataDir = join(dir, 'data');
  await fillDatabase(dataDir);
  const [port, nowhere] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH,
    APP_ID: '1',
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: 'sixteen-characters',
    DATA_DIR: dataDir,
    PORT: String(port),
    DOCKER_HOST: `tcp://127.0.0.1:${nowhere}`,
    GHE_HOST: `127.0.0.1:${nowhere}`,
    GHE_PROTOCOL: 'http',
    EDGE_ADDRESS: `127.0.0.1:${nowhere}`,
    PREVIEW_DOMAIN: 'kosuke.localhost',
  };
  const child = spawn(process.execPath, [main, 'serve'], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = once(child, 'close');
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, at: (path: string) => `http://127.0.0.1:${port}${path}`, said: () => text };
}

/** One that nothing listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
