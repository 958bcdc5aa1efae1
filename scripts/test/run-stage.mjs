import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGroup } from '../setup/group.mjs';
import { pinnedNode, root } from '../setup/paths.mjs';
import { addUp } from './counts.mjs';

/**
 * Runs one stage, its output going where ours goes.
 * @param {{ stage: import('./stages.mjs').Check | import('./stages.mjs').Suite, files: string[] }} chosen
 * @param {AbortSignal} signal ends it early
 * @returns {Promise<{ passed: number, failed: number, complaints: string[] }>} a check counts as one
 */
export async function runStage({ stage, files }, signal) {
  return 'folder' in stage ? await runSuite(stage, files, signal) : await runCheck(stage, signal);
}

async function runCheck({ command, args, seconds }, signal) {
  const end = await inGroup(join(dirname(pinnedNode), command), args, seconds, signal);
  if (end === undefined) return { passed: 1, failed: 0, complaints: [] };
  return { passed: 0, failed: 1, complaints: [`${[command, ...args].join(' ')} ${end}.`] };
}

async function runSuite({ concurrency, testSeconds, seconds, env }, files, signal) {
  if (files.length === 0) return addUp('', { end: undefined, files });
  const directory = await mkdtemp(join(tmpdir(), 'kosuke-preview-test-'));
  try {
    const counts = join(directory, 'counts');
    const args = [
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${testSeconds * 1000}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${fileURLToPath(new URL('count-reporter.mjs', import.meta.url))}`,
      `--test-reporter-destination=${counts}`,
      ...files,
    ];
    const silence = new AbortController();
    const watch = watchSilence(counts, testSeconds + SPARE_SECONDS, silence);
    const end = await inGroup(pinnedNode, args, seconds, AbortSignal.any([signal, silence.signal]), env).finally(() => clearInterval(watch));
    return addUp(existsSync(counts) ? readFileSync(counts, 'utf8') : '', { end, files: files.map((file) => join(root, file)) });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const SPARE_SECONDS = 30;

// Node ends a test that takes too long, but waits for ever for a file whose tests are over and that left something open.
function watchSilence(counts, seconds, silence) {
  let size = -1;
  let since = performance.now();
  return setInterval(() => {
    const now = existsSync(counts) ? statSync(counts).size : 0;
    if (now !== size) since = performance.now();
    size = now;
    if (performance.now() - since > seconds * 1000) silence.abort(new Error(`said nothing for ${seconds} s and was ended`));
  }, 1000);
}

function inGroup(command, args, seconds, signal, more) {
  const env = { ...process.env, ...more, PATH: [dirname(pinnedNode), process.env.PATH].join(delimiter) };
  // A run inside a test of this very runner would take itself for a test file's process.
  delete env.NODE_TEST_CONTEXT;
  return runGroup(command, args, { seconds, signal, env, cwd: root, stdio: ['ignore', 'inherit', 'inherit'], sweep: true });
}
