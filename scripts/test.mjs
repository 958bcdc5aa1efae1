#!/usr/bin/env node
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { makeReady } from './setup.mjs';
import { formatLine } from './setup/line.mjs';
import { root } from './setup/paths.mjs';
import { runStage } from './test/run-stage.mjs';
import { choose, stages } from './test/stages.mjs';

// `npm test [-- <stage, test file or folder> …]`: makes the machine ready, runs the stages whatever the earlier ones
// said, ends with the line `N passed, N failed`.
const { chosen, unknown } = choose(process.argv.slice(2), testFiles, root);
if (unknown.length > 0) {
  console.error(`No test is called ${unknown.join(', ')}: name a stage (${stages.map(({ name }) => name).join(', ')}), a test file or a folder of them.`);
  console.log(`0 passed, ${unknown.length} failed`);
  process.exit(1);
}

await makeReady({ forTests: true });

const interrupted = new AbortController();
let ended;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    ended = signal;
    interrupted.abort();
  });
}

const totals = { passed: 0, failed: 0 };
const account = [];
for (const choice of chosen) {
  if (ended !== undefined) break;
  console.log(`\n── ${choice.stage.name} ${'─'.repeat(60 - choice.stage.name.length)}`);
  const started = performance.now();
  const { passed, failed, complaints } = await runStage(choice, interrupted.signal);
  for (const complaint of complaints) console.log(`✖ ${complaint}`);
  totals.passed += passed;
  totals.failed += failed;
  account.push(formatLine(choice.stage.name, `${passed} passed, ${failed} failed`, performance.now() - started));
}
console.log(`\n${account.join('\n')}\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = ended === undefined ? Number(totals.failed > 0) : 128 + constants.signals[ended];

/** The test files below a folder, as sorted paths from the root. */
function testFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => join(folder, name)).sort();
}
