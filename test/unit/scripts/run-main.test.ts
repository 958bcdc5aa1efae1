import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const place = mkdtempSync(join(tmpdir(), 'kosuke-bin-'));
const bin = join(place, 'scripts', 'kosuke-preview.mjs');

// A checkout in small: the real scripts, this Node as the pinned one, and a program that does as its arguments say.
const PROGRAM = `
const [what, value] = process.argv.slice(2);
if (what === 'exit') process.exit(Number(value));
if (what === 'die') process.kill(process.pid, value);
const seen: string[] = [];
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
  seen.push(signal);
  setTimeout(() => { console.log(seen.join(' ')); process.exit(7); }, 100);
});
setTimeout(() => process.exit(99), 20_000);
console.log('ready');
`;

before(() => {
  cpSync(fileURLToPath(new URL('../../../scripts', import.meta.url)), join(place, 'scripts'), { recursive: true });
  mkdirSync(join(place, 'src'));
  writeFileSync(join(place, 'package.json'), '{"type":"module"}');
  writeFileSync(join(place, 'src', 'main.ts'), PROGRAM);
});
after(() => rmSync(place, { recursive: true, force: true }));

describe('the command kosuke-preview', () => {
  test('says what to do when the packages are not installed', async () => {
    const { code, errors } = await ended(start('list'));
    assert.equal(code, 1);
    assert.match(errors, /packages of Kosuke Preview are not installed .*run "npm ci" in/);
  });

  test('ends as the program ends: with its code, or by its signal', async () => {
    install();
    assert.equal((await ended(start('exit', '5'))).code, 5);
    assert.equal((await ended(start('exit', '0'))).code, 0);
    assert.equal((await ended(start('die', 'SIGKILL'))).signal, 'SIGKILL');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`passes ${signal} on once and waits for the program`, async () => {
      install();
      const running = start('serve');
      await once(running.stdout, 'data');
      running.kill(signal);
      running.kill(signal);
      const { code, output } = await ended(running);
      assert.deepEqual({ code, output }, { code: 7, output: `${signal}\n` });
    });
  }
});

function install() {
  mkdirSync(join(place, 'node_modules', '.bin'), { recursive: true });
  rmSync(join(place, 'node_modules', '.bin', 'node'), { force: true });
  symlinkSync(process.execPath, join(place, 'node_modules', '.bin', 'node'));
}

function start(...args: string[]) {
  // A group of its own, so that no terminal of the person who runs the tests is its terminal.
  return spawn(bin, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(running: ReturnType<typeof start>) {
  let output = '';
  let errors = '';
  running.stdout.on('data', (chunk) => { output += String(chunk); });
  running.stderr.on('data', (chunk) => { errors += String(chunk); });
  const [code, signal] = await once(running, 'close');
  return { code, signal, output, errors };
}
