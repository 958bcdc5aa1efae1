import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandFailure, run } from './run.mjs';

/** @typedef {import('./run.mjs').Job} Job */

/** Whether this is Debian and we may install packages on it. @returns {boolean} */
export function canInstall() {
  return process.getuid?.() === 0 && osReleaseId() === 'debian';
}

/**
 * Installs Debian packages, with fresh package lists when the ones present are missing or do not do.
 * @param {Job} job
 * @param {string[]} packages
 * @returns {Promise<void>}
 * @throws {CommandFailure}
 */
export async function install(job, packages) {
  job.doing(`installing ${packages.join(' ')}`);
  if (listsAge() > DAY) await update(job);
  try {
    await aptInstall(job, packages);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.output.includes('dpkg --configure -a')) await run(job, 'dpkg', ['--configure', '-a'], { seconds: 300, env: QUIET });
    // Lists a few hours old can name files that the mirror has replaced since.
    else await update(job);
    await aptInstall(job, packages);
  }
}

/**
 * Fetches one package's file and unpacks it into a directory, without installing it.
 * @param {Job} job
 * @param {string} name
 * @param {string} directory
 */
export async function unpack(job, name, directory) {
  if (listsAge() > DAY) await update(job);
  await run(job, 'apt-get', ['download', '-o', 'APT::Sandbox::User=root', name], { seconds: 300, cwd: directory, env: QUIET });
  await run(job, 'sh', ['-c', 'dpkg-deb -x ./*.deb .'], { seconds: 60, cwd: directory });
}

const DAY = 24 * 60 * 60 * 1000;
const QUIET = { DEBIAN_FRONTEND: 'noninteractive' };

async function aptInstall(job, packages) {
  await run(job, 'apt-get', ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages], {
    seconds: 1200,
    env: QUIET,
  });
}

// apt waits for dpkg's lock when told to, but never for the lock of the lists.
async function update(job) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run(job, 'apt-get', ['update'], { seconds: 300, env: QUIET });
      return;
    } catch (error) {
      const taken = error instanceof CommandFailure && error.output.includes('Could not get lock');
      if (!taken || attempt === 60) throw error;
      await wait(2000, undefined, { signal: job.signal });
    }
  }
}

// The files in it carry the archive's dates, so the directory's own tells when they were fetched.
function listsAge() {
  try {
    const lists = readdirSync('/var/lib/apt/lists').some((name) => name.endsWith('_InRelease') || name.endsWith('_Release'));
    return lists ? Date.now() - statSync('/var/lib/apt/lists').mtimeMs : Infinity;
  } catch (error) {
    if (error.code === 'ENOENT') return Infinity;
    throw error;
  }
}

function osReleaseId() {
  try {
    return /^ID="?(\w+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
