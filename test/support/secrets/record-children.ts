/**
 * Loaded into the program by `--import` (see `children.ts`): writes the command line of every process that it starts, before it can end, as a
 * line of JSON to the file that KOSUKE_TEST_CHILDREN names.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const file = process.env['KOSUKE_TEST_CHILDREN'] ?? '';

subscribe('child_process', (message) => {
  const { process: child } = message as { process: ChildProcess };
  // The object is made a moment before it is told what to start; this comes right after that.
  queueMicrotask(() => appendFileSync(file, `${JSON.stringify([child.spawnfile, ...child.spawnargs])}\n`));
});
