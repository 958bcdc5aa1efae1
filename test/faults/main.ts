import { parseArgs } from 'node:util';
import { cases } from './cases/all.ts';
import { seconds } from './lab/case.ts';
import { runCase } from './lab/runner.ts';

/** `npm run faults [-- <case> … --seed <number>]`: all cases when none is named. The seed brings the same order of faults again. */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const unknown = positionals.filter((name) => !cases.some((each) => each.name === name));
if (unknown.length > 0 || !Number.isInteger(seed) || seed < 0) {
  say(`Use: npm run faults [-- <${cases.map(({ name }) => name).join(' | ')}> … --seed <0 or more>]`);
  process.exit(1);
}

const mostMinutes = 75;
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    say('\nEnding after what is being checked now, and removing what it made.');
    process.exitCode = 130;
    interrupted.abort(new Error(`it was ended by ${signal}`));
  });
}

// It ends by itself, also on a machine on which everything hangs.
const late = setTimeout(() => interrupted.abort(new Error(`all of it took longer than ${mostMinutes} minutes`)), mostMinutes * 60_000);

say(`seed ${seed}`);
const began = performance.now();
let passed = 0;
let failed = 0;
for (const each of cases.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  if (interrupted.signal.aborted) {
    say(`✖ case ${each.number} · ${each.name}: not run`);
    failed += 1;
    continue;
  }
  const tally = await runCase(each, seed, say, interrupted.signal);
  passed += tally.passed;
  failed += tally.failed;
}
say(`seed ${seed}, ${seconds(performance.now() - began)}`);
say(`${passed} passed, ${failed} failed`);
clearTimeout(late);
process.exitCode ??= Number(failed > 0);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
