import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { canInstall, install } from './debian.mjs';
import { reasonOf, SetupFailure } from './failure.mjs';
import { postgresBin } from './postgres-bin.mjs';

/**
 * Makes sure of the programs of a Postgres server (tests only: each starts a server of its own). What Debian would start by itself with the
 * package, a cluster `main` on port 5432, is not made.
 * @param {import('./run.mjs').Job} job
 * @param {{ bin?: () => string | undefined, mayInstall?: () => boolean }} [machine]
 * @returns {Promise<string>} what there is now
 * @throws {SetupFailure}
 */
export async function readyPostgres(job, { bin = postgresBin, mayInstall = canInstall } = {}) {
  if (bin() !== undefined) return 'postgresql, present';
  if (!mayInstall()) {
    throw new SetupFailure('The tests need the programs of a Postgres server (`initdb`, `postgres`), and they can only be installed here on Debian as root: install PostgreSQL 15 or newer, then try again.');
  }
  try {
    await withoutCluster(() => install(job, ['postgresql']));
  } catch (error) {
    throw new SetupFailure(`Postgres could not be installed (${reasonOf(error)}): look at the log, then try again.`, { log: job.log, cause: error });
  }
  if (bin() === undefined) throw new SetupFailure('Debian’s package postgresql was installed, and brought no server: look at the log.', { log: job.log });
  return 'postgresql, installed; none is started by itself';
}

/** Debian's own switch, for as long as the installation takes. */
async function withoutCluster(work) {
  mkdirSync(dirname(SWITCH), { recursive: true });
  writeFileSync(SWITCH, 'create_main_cluster = false\n');
  try {
    await work();
  } finally {
    rmSync(SWITCH, { force: true });
  }
}

const SWITCH = '/etc/postgresql-common/createcluster.d/kosuke-preview.conf';
