import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits for the interrupt, then as long as it is left alone. */
const program = `
  import { createInterrupt } from ${JSON.stringify(new URL('../../../src/demo/interrupt.ts', import.meta.url).href)};
  const { signal } = createInterrupt({ line: (text) => console.log(text) });
  signal.addEventListener('abort', () => setTimeout(() => process.exit(0), 3_000));
  setInterval(() => {}, 1_000);
  console.log('ready');
`;

test('an interrupt that comes twice at once is one: the demo still ends in good order', { timeout: 20_000 }, async () => {
  assert.deepEqual(await interruptedTwice(0), [0, null]);
});

test('an interrupt that is made again ends the demo at once', { timeout: 20_000 }, async () => {
  assert.deepEqual(await interruptedTwice(700), [130, null]);
});

/** Resolves with the exit code and signal. */
async function interruptedTwice(pauseMs: number): Promise<unknown[]> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const over = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.match(String(said), /Ending the demo/);
  await delay(pauseMs);
  child.kill('SIGINT');
  return over;
}
