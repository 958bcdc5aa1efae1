import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const script = (path: string) => new URL(`scripts/${path}`, root);

test('where there is no engine and none may be installed, one sentence says what to do', () => {
  const program = `
    import { readyEngine } from ${JSON.stringify(script('setup/engine.mjs').href)};
    const job = { doing: () => undefined, signal: AbortSignal.timeout(10_000), log: 'unused' };
    await readyEngine(job).catch((error) => console.log([error.name, error.message].join(': ')));
  `;
  const { stdout, stderr } = run(['--input-type=module', '--eval', program], { DOCKER_HOST: 'tcp://127.0.0.1:1' });
  assert.equal(stderr, '');
  assert.equal(stdout, 'SetupFailure: No Docker engine answers at DOCKER_HOST=tcp://127.0.0.1:1: start that engine, or unset DOCKER_HOST.\n');
});

test('the last line of a test run counts, even when there was nothing to run', () => {
  const { status, stdout, stderr } = run([fileURLToPath(script('test.mjs')), 'test/unit/none.test.ts']);
  assert.equal(status, 1);
  assert.match(stderr, /^No test is called test\/unit\/none\.test\.ts: .+\n$/);
  assert.match(stdout, /(^|\n)0 passed, 1 failed\n$/);
});

test('continuous integration runs npm test and nothing else', () => {
  const lines = readFileSync(new URL('.ci/run', root), 'utf8').trimEnd().split('\n');
  assert.equal(lines[0], '#!/usr/bin/env bash');
  assert.deepEqual(lines.slice(1).filter((line) => !/^(set|cd) /.test(line)), ['exec npm test']);
});

function run(args: string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, args, { cwd: tmpdir(), env: { PATH: process.env.PATH, ...env }, encoding: 'utf8', timeout: 20_000 });
}
