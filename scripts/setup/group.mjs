import { spawn } from 'node:child_process';

/**
 * Runs a command in a process group of its own and waits for its end. When the bound passes or the signal aborts, the
 * whole group gets SIGTERM and, 5 s later, SIGKILL; nothing in it outlives that.
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {number} options.seconds the bound
 * @param {import('node:child_process').StdioOptions} options.stdio
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} [options.cwd]
 * @param {AbortSignal} [options.signal] an error that it is aborted with says how the command `ended`
 * @param {boolean} [options.sweep] kill what is left of the group after the command's own end
 * @returns {Promise<string | undefined>} how it ended when not well, such as `ended with code 1`; undefined when well
 */
export function runGroup(command, args, { seconds, stdio, env, cwd, signal, sweep = false }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, detached: true, stdio, env });
    let stopped;
    let patience;
    const stop = (why) => {
      if (stopped !== undefined || child.pid === undefined) return;
      stopped = why;
      signalGroup(child.pid, 'SIGTERM');
      patience = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const interrupt = () => stop(signal.reason?.name === 'AbortError' ? 'was interrupted' : signal.reason.message);
    const bound = setTimeout(() => stop(`took longer than ${seconds} s`), seconds * 1000);
    signal?.addEventListener('abort', interrupt, { once: true });

    const finish = (end) => {
      clearTimeout(bound);
      clearTimeout(patience);
      signal?.removeEventListener('abort', interrupt);
      resolve(end);
    };
    child.once('error', (error) => finish(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => {
      if (sweep || stopped !== undefined) signalGroup(child.pid, 'SIGKILL');
      finish(stopped ?? (code === 0 ? undefined : `ended with ${by ?? `code ${code}`}`));
    });
    if (signal?.aborted) interrupt();
  });
}

const GRACE_MS = 5000;

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
