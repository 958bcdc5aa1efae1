import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { controlSocket } from '../../../src/cli/client.ts';
import { createControlServer } from '../../../src/cli/control-server.ts';
import type { Operations, PreviewRow } from '../../../src/cli/operations.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const row: PreviewRow = { hostLabel: 'project-1-a', url: 'https://project-1-a.kosuke.ai', repository: 'acme/shop', ref: 'a', pulls: [], state: 'running', setAside: null, live: null, latest: null };

test('help and version come at once, from any directory', async (t) => {
  const at = directory(t);
  const help = await run(at, ['help']);
  assert.deepEqual([help.code, help.stderr], [0, '']);
  assert.match(help.stdout, /^ {2}redeploy <preview> /m);
  assert.match((await run(at, ['version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what cannot be understood exits with 2 and says so on stderr', async (t) => {
  const { code, stdout, stderr } = await run(directory(t), ['wake', 'nonsense']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^"nonsense" does not name a preview\..+\n$/);
});

test('serve without settings exits with 1 and all that is to be set, a line each', async (t) => {
  const { code, stdout, stderr } = await run(directory(t), ['serve']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.deepEqual(stderr.trimEnd().split('\n').map((line) => line.split(' ')[0]), ['APP_ID', 'WEBHOOK_SECRET', 'PRIVATE_KEY']);
});

test('a .env file in the directory is read, and the environment wins over it', async (t) => {
  const at = directory(t);
  writeFileSync(join(at, '.env'), 'APP_ID=123\nPORT=none\nLOG_LEVEL=loud\n');
  const { code, stderr } = await run(at, ['serve'], { LOG_LEVEL: 'info' });
  assert.equal(code, 1);
  assert.deepEqual(stderr.trimEnd().split('\n').map((line) => line.split(' ')[0]), ['WEBHOOK_SECRET', 'PORT', 'PRIVATE_KEY']);
});

test('a .env that cannot be read is said, not passed over', async (t) => {
  const at = directory(t);
  mkdirSync(join(at, '.env'));
  const { code, stderr } = await run(at, ['serve']);
  assert.equal(code, 1);
  assert.match(stderr, /\.env is there but cannot be read \(EISDIR\)\. Make it readable, or remove it\.\n$/);
});

test('a running program is found by DATA_DIR alone, and answers the command line', async (t) => {
  const at = directory(t);
  await serving(t, at, { list: () => Promise.resolve({ ok: true, value: [row] }) });
  const list = await run(at, ['list'], { DATA_DIR: '.' });
  assert.deepEqual(list, { code: 0, stdout: 'https://project-1-a.kosuke.ai\trunning\t-\tacme/shop\ta\n', stderr: '' });
  assert.deepEqual(JSON.parse((await run(at, ['list', '--json'], { DATA_DIR: '.' })).stdout), [row]);
});

test('a preview that is not there exits with 1 and says so on stderr', async (t) => {
  const at = directory(t);
  await serving(t, at, { wake: () => Promise.resolve({ ok: false, problem: 'There is no preview project-1-a.' }) });
  assert.deepEqual(await run(at, ['wake', 'project-1-a'], { DATA_DIR: '.' }), { code: 1, stdout: '', stderr: 'There is no preview project-1-a.\n' });
});

test('a sweep with problems prints them and exits with 1', async (t) => {
  const at = directory(t);
  await serving(t, at, { sweep: () => Promise.resolve({ ok: true, value: { looked: 2, kicked: 0, requests: 3, free: 2, problems: ['acme/shop could not be read.'] } }) });
  const { code, stdout } = await run(at, ['sweep'], { DATA_DIR: '.' });
  assert.deepEqual([code, stdout], [1, 'Looked at 2 previews; 0 of them are looked up at GitHub.\nIt took 3 requests to GitHub, 2 of them free.\nacme/shop could not be read.\n']);
});

test('logs follow until the deployment has ended, each line once, staying with that deployment', async (t) => {
  const at = directory(t);
  const texts = ['one', 'two', 'three'];
  const asked: unknown[] = [];
  const logs: Operations['logs'] = ({ deployment, from }) => {
    asked.push([deployment, from]);
    const ended = from === texts.length && asked.length > 4;
    const lines = texts.slice(from, from + 2).map((text) => ({ at: '2026-11-23T09:30:00.000Z', step: null, stream: 'stdout' as const, text }));
    return Promise.resolve({ ok: true, value: { deployment: { id: 7, sha: 'a', state: ended ? 'live' : 'building' }, lines, next: from + lines.length, ended } });
  };
  await serving(t, at, { logs });
  assert.deepEqual(await run(at, ['logs', 'acme/shop#1', '--follow'], { DATA_DIR: '.' }), { code: 0, stdout: 'one\ntwo\nthree\n', stderr: '' });
  assert.deepEqual(asked, [[null, 0], [7, 2], [7, 3], [7, 3], [7, 3]]);
});

test('migrate leaves a running program alone', async (t) => {
  const at = directory(t);
  await serving(t, at, {});
  const { code, stdout } = await run(at, ['migrate'], { DATA_DIR: '.' });
  assert.deepEqual([code, stdout], [0, 'A running program has the database open, and brought it up to date when it started.\n']);
});

test('a plan that could not be made whole exits with 1, also as JSON', async (t) => {
  const at = directory(t);
  const value = { looked: 1, steps: [], problems: ['project-1-a could not be looked at.'] };
  await serving(t, at, { planSweep: () => Promise.resolve({ ok: true, value }) });
  const text = await run(at, ['sweep', '--dry-run'], { DATA_DIR: '.' });
  assert.deepEqual([text.code, text.stdout, text.stderr], [1, '', 'project-1-a could not be looked at.\n']);
  const json = await run(at, ['sweep', '--dry-run', '--json'], { DATA_DIR: '.' });
  assert.deepEqual([json.code, JSON.parse(json.stdout)], [1, value]);
});

async function serving(t: TestContext, dataDir: string, some: Partial<Operations>): Promise<void> {
  const refused = () => Promise.reject(new Error('not expected'));
  const operations: Operations = { list: refused, setAside: refused, logs: refused, redeploy: refused, sleep: refused, wake: refused, remove: refused, sweep: refused, planSweep: refused, ...some };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(controlSocket(dataDir), resolve));
  const control = createControlServer(server, operations, pino({ level: 'silent' }));
  t.after(async () => {
    await control.close();
    server.close();
  });
}

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kosuke-main-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function run(cwd: string, words: string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { cwd, env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}
