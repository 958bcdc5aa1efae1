import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, root } from './setup/paths.mjs';

/**
 * Runs the program, as `runPinned` does.
 * @param {string[]} args
 * @returns {void} the process ends when the program does
 */
export function runMain(args) {
  runPinned(join(root, 'src', 'main.ts'), args);
}

/**
 * Runs a file under the pinned Node, in this process's group and with its terminal, waits for it and ends as it ended:
 * with its exit code, or by the signal that ended it. SIGINT and SIGTERM are passed on once each.
 * @param {string} file absolute
 * @param {string[]} args
 * @returns {void} the process ends when the file's does
 */
export function runPinned(file, args) {
  if (!existsSync(pinnedNode)) {
    console.error(`The packages of Kosuke Preview are not installed (there is no ${pinnedNode}): run "npm ci" in ${root}, then try again.`);
    process.exitCode = 1;
    return;
  }
  const child = spawn(pinnedNode, [file, ...args], { stdio: 'inherit' });

  const passOn = {
    // Ctrl-C reaches every process of the terminal's foreground group: the program has it already.
    SIGINT: once(() => inForeground() || child.kill('SIGINT')),
    SIGTERM: once(() => child.kill('SIGTERM')),
  };
  for (const [signal, handler] of Object.entries(passOn)) process.on(signal, handler);

  child.once('error', (error) => {
    console.error(`Kosuke Preview could not be started with ${pinnedNode}: ${error.message}. Run "npm ci" in ${root}, then try again.`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    for (const [name, handler] of Object.entries(passOn)) process.off(name, handler);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

function once(act) {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

/** Whether a terminal sends its Ctrl-C to our process group. */
function inForeground() {
  if (process.platform !== 'linux') return process.stdin.isTTY === true;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // proc(5): after the name come state, parent, group, session, terminal, the terminal's foreground group.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group === foreground;
}
