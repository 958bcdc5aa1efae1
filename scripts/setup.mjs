#!/usr/bin/env node
import { realpathSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readyChromium } from './setup/chromium.mjs';
import { readyEngine } from './setup/engine.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { baseImages, imageMaker } from './setup/images.mjs';
import { startLine } from './setup/line.mjs';
import { takeLock } from './setup/lock.mjs';
import { readyPackages } from './setup/npm.mjs';
import { cache, root } from './setup/paths.mjs';
import { readyPostgres } from './setup/postgres.mjs';

/**
 * Makes the machine ready: packages, engine, base images, Traefik and what else tests need. Each step looks first
 * and prints one line. When a step fails, or the person ends it, the process says so and exits; on success it returns.
 * @param {{ forTests: boolean }} wanted `forTests`: a browser and Postgres, too
 * @returns {Promise<void>}
 */
export async function makeReady({ forTests }) {
  const interrupted = new AbortController();
  let ended;
  const stop = (signal) => {
    ended = signal;
    interrupted.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await underLock(interrupted.signal, () => inOrder(steps(forTests), interrupted.signal));
  } catch (error) {
    process.exit(explained(error, ended));
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  if (ended !== undefined) process.exit(128 + constants.signals[ended]);
}

function steps(forTests) {
  const readyImage = imageMaker();
  return [
    { step: 'npm', ready: readyPackages },
    { step: 'engine', ready: readyEngine },
    ...baseImages.map((image) => ({ step: image.step, ready: (job) => readyImage(image, job) })),
    ...(forTests ? [{ step: 'chromium', ready: readyChromium }, { step: 'postgres', ready: readyPostgres }] : []),
  ];
}

async function underLock(signal, work) {
  let waiting;
  const release = await takeLock({
    signal,
    onWait: (pid) => {
      waiting = startLine('set-up');
      waiting.doing(`waiting for the set-up of process ${pid}`);
    },
  }).finally(() => waiting?.done('waited for another set-up'));
  try {
    await work();
  } finally {
    await release();
  }
}

async function inOrder(steps, signal) {
  for (const { step, ready } of steps) {
    const line = startLine(step);
    const log = join(cache, 'setup', `${step}.log`);
    rmSync(log, { force: true });
    try {
      line.done(await ready({ doing: line.doing, signal, log }));
    } catch (error) {
      line.done(signal.aborted ? 'interrupted' : 'failed');
      throw error;
    }
  }
}

/** Says why the set-up ended. Returns the exit code. */
function explained(error, ended) {
  if (ended !== undefined) return 128 + constants.signals[ended];
  if (!(error instanceof SetupFailure)) {
    console.error('The set-up failed in a way it does not know: please report this.', error);
    return 1;
  }
  console.error(error.message);
  if (error.log !== undefined) console.error(`Details: ${relative(process.cwd(), error.log) || error.log}`);
  return 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.chdir(root);
  await makeReady({ forTests: true });
}
