import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { machineEnvironment } from './run.mjs';

/**
 * The directory with the programs of a Postgres server: the newest of Debian's packages, which puts them on nobody's PATH, else one on PATH.
 * @returns {string | undefined}
 */
export function postgresBin() {
  return [...debianDirectories(), ...machineEnvironment().PATH.split(delimiter)].find(isServer);
}

const PACKAGES = '/usr/lib/postgresql';

function debianDirectories() {
  if (!existsSync(PACKAGES)) return [];
  const versions = readdirSync(PACKAGES).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(PACKAGES, version, 'bin'));
}

function isServer(directory) {
  return existsSync(join(directory, 'initdb')) && existsSync(join(directory, 'postgres'));
}
