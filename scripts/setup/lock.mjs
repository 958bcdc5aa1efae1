import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SetupFailure } from './failure.mjs';
import { lifeOf } from './process-life.mjs';

/**
 * Lets one set-up at a time work on this machine (the engine and its images belong to no checkout).
 *
 * A claim is a file named after its process's life and a random word. Who sees no other living claim after writing its
 * own holds the lock; who sees one withdraws and tries again. Of two claimants the later to look sees the other, so never
 * two hold it, and a claim's name never comes back, so that taking a dead process's claim away cannot hit a living one.
 * @param {{ directory?: string, signal?: AbortSignal, seconds?: number, onWait?: (pid: number) => void }} [options]
 *   `seconds` bounds the wait; `onWait` is told once whose end is waited for
 * @returns {Promise<() => Promise<void>>} gives the lock back
 * @throws {SetupFailure} when it is not free within `seconds`
 */
export async function takeLock({ directory = machineWide(), signal, seconds = 900, onWait } = {}) {
  await ownDirectory(directory);
  const claim = `${process.pid}-${lifeOf(process.pid)}-${randomBytes(6).toString('hex')}`;
  const path = join(directory, claim);
  const until = performance.now() + seconds * 1000;
  let told = false;

  for (;;) {
    let holder = await otherLivingClaim(directory, claim);
    if (holder === undefined) {
      await writeFile(path, '', { flag: 'wx' });
      holder = await otherLivingClaim(directory, claim);
      if (holder === undefined) return () => rm(path, { force: true });
      await rm(path, { force: true });
    }
    if (performance.now() > until) {
      throw new SetupFailure(`Another set-up (process ${holder}) has been at work for more than ${seconds} s: wait for it or end it, then try again.`);
    }
    if (!told) onWait?.(holder);
    told = true;
    await wait(50 + Math.random() * 200, undefined, { signal });
  }
}

function machineWide() {
  return join(tmpdir(), `kosuke-preview-setup-${process.getuid?.() ?? 'user'}`);
}

async function ownDirectory(directory) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new SetupFailure(`${directory} belongs to somebody else: remove it, then try again.`);
  }
}

async function otherLivingClaim(directory, own) {
  for (const name of await readdir(directory)) {
    if (name === own) continue;
    const [pid, life] = name.split('-');
    if (lifeOf(Number(pid)) === life) return Number(pid);
    await rm(join(directory, name), { force: true });
  }
  return undefined;
}
