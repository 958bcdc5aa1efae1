import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../cli/client.ts';
import type { Operations } from '../cli/operations.ts';
import { get } from './get.ts';

/** A line that the program logged: pino's fields besides these two. `at` is when it was logged. */
export type ProgramLine = { at: Date; level: number; msg: string } & Record<string, unknown>;

export type ProgramOptions = {
  /** The whole environment of the program; `PORT` and `DATA_DIR` must be in it. */
  env: Record<string, string>;
  /** Where it is started; a `.env` there is read. */
  cwd: string;
  /** Everything that it writes goes here, too. */
  logFile: string;
  /** A process group of its own: a Ctrl-C in our terminal does not reach it. */
  detached: boolean;
};

/** The program under test or on show: a process of its own that can be stopped, killed and started again over the same data. */
export type ProgramProcess = {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** `null` while it does not run. */
  readonly pid: number | null;
  /** Resolves when `/healthz` and `/readyz` answer 200. Throws, with what it wrote last, when it exits or that takes longer than 20 s. */
  start(): Promise<void>;
  /** SIGTERM; resolves with how it ended and after how many ms. One that does not run: `code` null, 0 ms. SIGKILL after 15 s. */
  stop(): Promise<Ended>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** The last 5,000 log lines of all its runs, oldest first. */
  lines(): readonly ProgramLine[];
  /** Calls back for each new line; returns what ends that. */
  onLine(listener: (line: ProgramLine) => void): () => void;
  /** The commands, over its control socket. Throws when it does not run. */
  operations(): Promise<Operations>;
};

export type Ended = { code: number | null; signal: NodeJS.Signals | null; ms: number };

type Run = { child: ChildProcess; exited: Promise<Omit<Ended, 'ms'>>; over: boolean };

/** Makes the process known; nothing runs before `start()`. */
export function createProgram(options: ProgramOptions): ProgramProcess {
  const { env, logFile } = options;
  const listeners = new Set<(line: ProgramLine) => void>();
  const lines: ProgramLine[] = [];
  const lastWords: string[] = [];
  let run: Run | null = null;

  const onText = (text: string) => {
    keep(lastWords, text, keptWords);
    const line = parsed(text);
    if (line === null) return;
    keep(lines, line, keptLines);
    for (const listener of listeners) listener(line);
  };
  const running = () => (run === null || run.over ? null : run);

  return {
    env,
    logFile,
    get pid() {
      return running()?.child.pid ?? null;
    },
    async start() {
      if (running() !== null) throw new Error('the program runs already');
      lastWords.length = 0;
      run = spawnProgram(options, onText);
      try {
        await untilReady(env, run, lastWords);
      } catch (error) {
        run.child.kill('SIGKILL');
        await run.exited;
        throw error;
      }
    },
    async stop() {
      const current = running();
      if (current === null) return { code: null, signal: null, ms: 0 };
      const asked = performance.now();
      current.child.kill('SIGTERM');
      const late = setTimeout(() => current.child.kill('SIGKILL'), stopLimitMs);
      const ended = await current.exited;
      clearTimeout(late);
      return { ...ended, ms: Math.round(performance.now() - asked) };
    },
    async kill() {
      const current = running();
      if (current === null) return;
      current.child.kill('SIGKILL');
      await current.exited;
    },
    lines: () => lines,
    onLine(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async operations() {
      const operations = await connect(env['DATA_DIR']!);
      if (operations === null) throw new Error('the program does not run');
      return operations;
    },
  };
}

function spawnProgram({ env, cwd, logFile, detached }: ProgramOptions, onText: (text: string) => void): Run {
  const child = spawn(process.execPath, [main, 'serve'], { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(logFile, { flags: 'a' });
  // A log that cannot be written to disk is still kept in memory.
  file.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => {
      file.write(`${text}\n`);
      onText(text);
    });
  }
  // However this process ends, the program does not outlive it.
  const killed = () => void child.kill('SIGKILL');
  process.on('exit', killed);
  const { promise: exited, resolve } = Promise.withResolvers<Omit<Ended, 'ms'>>();
  const run: Run = { child, exited, over: false };
  const over = (code: number | null, signal: NodeJS.Signals | null) => {
    run.over = true;
    process.off('exit', killed);
    file.end();
    resolve({ code, signal });
  };
  child.once('error', (error) => {
    onText(error.message);
    over(null, null);
  });
  child.once('exit', (code, signal) => {
    // Its last words are still being read; but a child of its own may hold the pipe open.
    const enough = setTimeout(over, lastWordsMs, code, signal);
    child.once('close', () => {
      clearTimeout(enough);
      over(code, signal);
    });
  });
  return run;
}

async function untilReady(env: ProgramOptions['env'], run: Run, lastWords: readonly string[]): Promise<void> {
  const until = performance.now() + readyLimitMs;
  let seen = 'nothing listens';
  for (const path of ['/healthz', '/readyz']) {
    for (;;) {
      if (run.over) throw new Error(`the program ended before it was ready:\n${lastWords.join('\n')}`);
      const answer = await get(`http://127.0.0.1:${env['PORT']}${path}`).catch((error: unknown) => String(error));
      if (typeof answer !== 'string' && answer.status === 200) break;
      seen = typeof answer === 'string' ? answer : `${path} answers ${answer.status}: ${answer.text}`;
      if (performance.now() > until) throw new Error(`the program was not ready within ${readyLimitMs / 1000} s (${seen}):\n${lastWords.join('\n')}`);
      await delay(25);
    }
  }
}

/** `null` for what is not a log line, e.g. the text of a start that failed. */
function parsed(text: string): ProgramLine | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('msg' in value) || !('level' in value) || !('time' in value)) return null;
    const { msg, level, time, ...rest } = value;
    return { ...rest, msg: String(msg), level: Number(level), at: new Date(String(time)) };
  } catch {
    return null;
  }
}

function keep<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit) list.splice(0, list.length - limit);
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const keptLines = 5_000;
const keptWords = 40;
const readyLimitMs = 20_000;
const stopLimitMs = 15_000;
const lastWordsMs = 500;
