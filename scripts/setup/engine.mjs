import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { canInstall, install } from './debian.mjs';
import { callEngine } from './engine-api.mjs';
import { reasonOf, SetupFailure } from './failure.mjs';
import { onPath } from './on-path.mjs';
import { cache } from './paths.mjs';
import { programOf } from './process-life.mjs';
import { machineEnvironment, run } from './run.mjs';

/**
 * Makes sure of a running Docker engine: one that runs is used, else on Debian as root one is installed and started.
 * @param {import('./run.mjs').Job} job
 * @returns {Promise<string>} the engine's version and what was done
 * @throws {SetupFailure}
 */
export async function readyEngine(job) {
  const running = await version();
  if (running !== undefined) return `Docker ${running}, running`;
  if (process.env.DOCKER_HOST) {
    throw new SetupFailure(`No Docker engine answers at DOCKER_HOST=${process.env.DOCKER_HOST}: start that engine, or unset DOCKER_HOST.`);
  }
  const present = onPath('dockerd') && onPath('iptables');
  if (!canInstall()) {
    throw new SetupFailure('No Docker engine answers at /var/run/docker.sock, and it can only be installed and started here on Debian as root: start Docker, or set DOCKER_HOST to an engine that runs.');
  }
  if (!present) await installEngine(job);
  // Where systemd runs, installing has started it.
  if ((await version()) === undefined) await start(job);
  return `Docker ${await version()}, ${present ? 'started' : 'installed and started'}`;
}

async function installEngine(job) {
  try {
    await install(job, ['docker.io', 'iptables', 'ca-certificates']);
  } catch (error) {
    throw new SetupFailure(`Docker could not be installed (${reasonOf(error)}): look at the log, or install an engine by hand, then try again.`, { log: job.log, cause: error });
  }
}

async function start(job) {
  job.doing('starting dockerd');
  const log = existsSync('/run/systemd/system') ? await startService(job) : startDaemon();
  const until = performance.now() + START_SECONDS * 1000;
  while ((await version()) === undefined) {
    if (log.exited?.() || performance.now() > until) {
      throw new SetupFailure(`The Docker engine did not start${log.why()}: see what keeps dockerd from running, then try again.`, { log: log.path });
    }
    await wait(100, undefined, { signal: job.signal });
  }
}

const START_SECONDS = 60;

async function startService(job) {
  try {
    await run(job, 'systemctl', ['start', 'docker'], { seconds: START_SECONDS });
  } catch (error) {
    throw new SetupFailure(`systemd could not start Docker (${reasonOf(error)}): look at "journalctl -u docker", then try again.`, { log: job.log, cause: error });
  }
  return { path: job.log, why: () => ' although systemd says so' };
}

// Its output goes to a file: a pipe inherited from a CI run would keep that run open for ever.
function startDaemon() {
  const path = join(cache, 'dockerd.log');
  for (const [file, program] of PID_FILES) {
    if (isAlive(file, program) && program === 'dockerd') return { path, why: () => ', though a dockerd is at work already' };
    if (!isAlive(file, program)) rmSync(file, { force: true });
  }
  mkdirSync(cache, { recursive: true });
  const output = openSync(path, 'w');
  const daemon = spawn('dockerd', [], { cwd: '/', detached: true, stdio: ['ignore', output, output], env: machineEnvironment() });
  closeSync(output);
  let exit;
  daemon.once('error', (error) => { exit = `: ${error.message}`; });
  daemon.once('exit', () => { exit ??= `: ${lastLine(path)}`; });
  daemon.unref();
  return { path, exited: () => exit !== undefined, why: () => exit ?? ` within ${START_SECONDS} s` };
}

// After a kill the files stay, and by then the number may be somebody else's: dockerd refuses to start then.
const PID_FILES = [
  ['/var/run/docker.pid', 'dockerd'],
  ['/var/run/docker/containerd/containerd.pid', 'containerd'],
];

function isAlive(file, program) {
  if (!existsSync(file)) return false;
  return programOf(Number(readFileSync(file, 'utf8'))) === program;
}

async function version() {
  try {
    await callEngine('GET', '/_ping', { seconds: 5 });
    return JSON.parse(await callEngine('GET', '/version', { seconds: 5 })).Version.replace(/\+.*/, '');
  } catch (error) {
    if (error instanceof SetupFailure) throw error;
    if (error.cause?.code === 'EACCES') {
      throw new SetupFailure('A Docker engine is here, but this user may not use it: run as root or as a member of the group docker.', { cause: error });
    }
    return undefined;
  }
}

function lastLine(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)?.slice(0, 300);
}
