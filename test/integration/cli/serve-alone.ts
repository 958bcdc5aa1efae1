import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fillDatabase } from '../../support/store.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
export const webhookSecret = 'sixteen-characters';
export const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** `serve` on a free port, with no engine, no Traefik and no GitHub; ended when the test is over. `settings` come on top. */
export async function serveAlone(context: TestContext, settings: Record<string, string> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-stop-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  const dataDir = join(dir, 'data');
  await fillDatabase(dataDir);
  const [port, nowhere] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH,
    APP_ID: '1',
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: webhookSecret,
    DATA_DIR: dataDir,
    PORT: String(port),
    DOCKER_HOST: `tcp://127.0.0.1:${nowhere}`,
    GHE_HOST: `127.0.0.1:${nowhere}`,
    GHE_PROTOCOL: 'http',
    EDGE_ADDRESS: `127.0.0.1:${nowhere}`,
    PREVIEW_DOMAIN: 'kosuke.localhost',
    ...settings,
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
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
