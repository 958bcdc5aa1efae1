import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, SetupFailure } from './failure.mjs';
import { differences } from './lockfile.mjs';
import { pinnedNode, root } from './paths.mjs';
import { run } from './run.mjs';

/**
 * Makes node_modules what package-lock.json says, with the pinned Node in it.
 * @param {import('./run.mjs').Job} job
 * @returns {Promise<string>} what there is now
 * @throws {SetupFailure}
 */
export async function readyPackages(job) {
  const wanted = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const missing = await lacking(wanted);
  if (missing === undefined) return `${count(wanted)} packages, present`;

  job.doing('npm ci');
  try {
    await run(job, 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], { seconds: 900, cwd: root });
  } catch (error) {
    throw new SetupFailure(`npm could not install the packages of package-lock.json (${reasonOf(error)}): look at the log, then try again.`, { log: job.log, cause: error });
  }
  const still = await lacking(wanted);
  if (still !== undefined) {
    throw new SetupFailure(`npm ci went through, but ${still}: if npm is set to ignore install scripts, run "npm rebuild node --ignore-scripts=false", then try again.`, { log: job.log });
  }
  return `${count(wanted)} packages, installed (${missing})`;
}

/** What keeps node_modules from being used, in words; undefined when nothing does. */
async function lacking(wanted) {
  const installed = await readJson(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'node_modules was missing';
  const [first, ...others] = differences(wanted, installed);
  if (first !== undefined) return `${first}${others.length > 0 ? ` and ${others.length} more` : ''} differed`;
  const version = `v${wanted.packages['node_modules/node'].version}`;
  return (await pinnedVersion()) === version ? undefined : `the pinned Node ${version} did not run`;
}

async function pinnedVersion() {
  try {
    const { stdout } = await promisify(execFile)(pinnedNode, ['--version'], { timeout: 10_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function count(lockfile) {
  return Object.values(lockfile.packages).filter((entry) => entry.optional !== true).length - 1;
}
