import { setTimeout as delay } from 'node:timers/promises';
import packageJson from '../package.json' with { type: 'json' };
import { runCommandLine, type Io, type Program } from './cli/run.ts';
import { dataDirFromProcess, settingsFromProcess } from './settings.ts';

const program: Program = {
  version: packageJson.version,
  settings: settingsFromProcess,
  dataDir: dataDirFromProcess,
  serve: async (settings) => (await import('./serve.ts')).serve(settings),
  demo: async (options) => (await import('./demo/demo.ts')).demo(options),
  withProgram: async (settings, use, options) => (await import('./serve.ts')).withProgram(settings, use, options),
};

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  width: process.stdout.isTTY ? process.stdout.columns : null,
  sleep: (ms) => delay(ms),
};

/** Whoever read our output has read enough (`list | head`). */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCommandLine(process.argv.slice(2), program, io);
