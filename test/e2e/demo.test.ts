import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';
import { get } from '../../src/demo/get.ts';
import { headlines } from '../../src/demo/sample.ts';
import { eventually } from '../support/eventually.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

test('demo --once opens, pushes and closes, checks each step, leaves nothing and ends with 0', async (t) => {
  const before = await engineThings();
  const demo = start(t, ['--once']);
  assert.deepEqual(await demo.ended, [0, null], demo.said());
  const said = demo.said();
  assert.equal(said.match(/ ✓ /g)?.length, 12, said);
  for (const word of ['opened', 'webhook', 'fetch', 'build', 'start', 'ready', 'switch', 'comment', 'status', 'push', 'closed', 'removed']) {
    assert.match(said, new RegExp(`^ +\\d+\\.\\d\\d s +${word} `, 'm'));
  }
  assert.match(said, /Removed everything that this demo made/);
  assert.deepEqual(await engineThings(), before);
});

test('the demo gives two addresses and three commands by which a person changes the preview; Ctrl-C removes all, the clone too', async (t) => {
  const before = await engineThings();
  const demo = start(t, []);
  await eventually('the demo says how it goes on', () => demo.said().includes('Ctrl-C ends the demo'), { within: 60_000 });
  const url = /Preview +(http:\/\/project-1-\S+)/.exec(demo.said())?.[1] ?? '';
  const pullRequest = /Pull request +(http:\S+\/pull\/\d+)/.exec(demo.said())?.[1] ?? '';
  assert.match((await get(pullRequest)).text, new RegExp(`href="${url}"`));
  const commands = demo.said().split('\n').filter((line) => /^ {4}(?:git|sed) /.test(line));
  assert.equal(commands.length, 3, demo.said());
  const clone = / (\/\S+)\n/.exec(`${commands[0]}\n`)?.[1] ?? '';
  for (const command of commands) await promisify(execFile)('sh', ['-c', command]);

  const via = { host: '127.0.0.1', port: Number(new URL(url).port) };
  await eventually('the preview follows the push', async () => (await get(url, { via })).text.includes(headlines.push), { within: 60_000 });
  await eventually('the demo shows the push', () => demo.said().includes(' push '));

  assert.ok(existsSync(clone));
  demo.interrupt();
  assert.deepEqual(await demo.ended, [0, null], demo.said());
  assert.ok(!existsSync(dirname(clone)));
  assert.deepEqual(await engineThings(), before);
});

function start(t: TestContext, args: string[]) {
  const child = spawn(process.execPath, [main, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  // A test that gives up before the demo's end still lets it remove what it made.
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  });
  return { ended: once(child, 'close'), said: () => text, interrupt: () => child.kill('SIGINT') };
}

/** Containers and networks of demos, whoever's; images are looked at by the demo itself, which has the key to know them by. */
async function engineThings(): Promise<string[]> {
  const docker = new Dockerode();
  const [containers, networks] = await Promise.all([docker.listContainers({ all: true }), docker.listNetworks()]);
  const names = [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
  return names.filter((name) => name.includes('autumn-menu')).sort();
}
