/**
 * One line of the set-up's account: the step, what it did, the seconds it took.
 * @param {string} step
 * @param {string} what
 * @param {number} milliseconds
 * @returns {string} for example `engine      Docker 20.10.24, running                                       0.0 s`
 */
export function formatLine(step, what, milliseconds) {
  return `${step.padEnd(12)}${what.padEnd(56)}${(milliseconds / 1000).toFixed(1).padStart(7)} s`;
}

/**
 * Starts the line of a step. On a terminal the line is rewritten while the step works, with the seconds so far; elsewhere
 * every new thing it does is a line of its own.
 * @param {string} step
 * @param {{ out?: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>, now?: () => number }} [surroundings] now in milliseconds
 * @returns {{ doing: (what: string) => void, done: (what: string) => void }}
 */
export function startLine(step, { out = process.stdout, now = () => performance.now() } = {}) {
  const started = now();
  let working = '';

  const rewrite = () => {
    const seconds = ` … ${Math.floor((now() - started) / 1000)} s`;
    const room = Math.max((out.columns || 80) - 1 - seconds.length, 1);
    out.write(`\r\u001B[K${`${step.padEnd(12)}${working}`.slice(0, room)}${seconds}`);
  };
  const ticker = out.isTTY ? setInterval(() => working !== '' && rewrite(), 1000) : undefined;
  ticker?.unref();

  return {
    doing(what) {
      working = what;
      if (out.isTTY) rewrite();
      else out.write(`${step.padEnd(12)}${what} …\n`);
    },
    done(what) {
      clearInterval(ticker);
      out.write(`${out.isTTY ? '\r\u001B[K' : ''}${formatLine(step, what, now() - started)}\n`);
    },
  };
}
