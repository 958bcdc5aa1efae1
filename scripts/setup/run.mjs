import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { runGroup } from './group.mjs';

/**
 * What a step is given.
 * @typedef {object} Job
 * @property {(what: string) => void} doing says what the step is at
 * @property {AbortSignal} signal aborts when the person ends the set-up
 * @property {string} log file that takes the details
 */

/** A command that could not be started, failed, was stopped, or took too long. */
export class CommandFailure extends Error {
  /** @param {string} message @param {string} output everything the command wrote */
  constructor(message, output) {
    super(message);
    this.name = 'CommandFailure';
    this.output = output;
  }
}

/**
 * Runs a command to its end in a process group of its own, with its output appended to the job's log.
 * @param {Job} job
 * @param {string} command
 * @param {string[]} args
 * @param {{ seconds: number, env?: Record<string, string>, cwd?: string }} options `seconds` is the bound after which the group is killed
 * @returns {Promise<string>} what it wrote to stdout and stderr
 * @throws {CommandFailure}
 */
export async function run(job, command, args, { seconds, env, cwd }) {
  job.signal.throwIfAborted();
  mkdirSync(dirname(job.log), { recursive: true });
  const log = openSync(job.log, 'a+');
  try {
    writeSync(log, `\n$ ${[command, ...args].join(' ')}\n`);
    const before = readFileSync(job.log).length;
    const end = await runGroup(command, args, {
      seconds, cwd, signal: job.signal, stdio: ['ignore', log, log], env: { ...machineEnvironment(), ...env },
    });
    const output = readFileSync(job.log).subarray(before).toString();
    if (end !== undefined) throw new CommandFailure(`${command} ${args[0] ?? ''} ${end}${lastWords(output)}`, output);
    return output;
  } finally {
    closeSync(log);
  }
}

/**
 * The environment for commands of the machine: without the checkout's own node_modules/.bin (npm puts it first, and `npm ci`
 * takes it away under a running command), with the system's directories that a plain user's PATH may lack.
 * @returns {NodeJS.ProcessEnv}
 */
export function machineEnvironment() {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((directory) => !directory.includes('node_modules'));
  return { ...process.env, PATH: [...directories, '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter), LC_ALL: 'C.UTF-8' };
}

function lastWords(output) {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  // npm says first what is wrong, and then how to use it; others say it last.
  const line = lines.find((text) => /^npm error (?!code\b|A complete log)\S/.test(text)) ?? lines.at(-1);
  return line ? `: ${line.slice(0, 300)}` : '';
}
