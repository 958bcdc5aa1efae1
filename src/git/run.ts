import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { gitError } from './failure.ts';

/** A git process in its own process group, so that its helpers (git-remote-https, index-pack) end with it. */
export type GitProcess = {
  /** Ends at once unless `stdin` was asked for. */
  stdin: Writable;
  stdout: Readable;
  /** Resolves when git and its output have ended: exit code, `null` when a signal ended it, and the end of what it wrote to stderr. */
  ended: Promise<{ code: number | null; stderr: string }>;
  /** TERM first, by which git removes its lock files; KILL after two seconds. Harmless once it has ended. */
  stop(): void;
};

/** Starts git with `env` as its whole environment. `ended` rejects when there is no git to start. */
export function startGit(args: readonly string[], env: Record<string, string>, { stdin = false } = {}): GitProcess {
  const child = spawn('git', args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  if (!stdin) child.stdin.end();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-stderrKept);
  });
  let over = false;
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    child.on('error', (cause) => reject(gitError('git could not be started', cause.message, { cause })));
    child.on('close', (code) => {
      over = true;
      resolve({ code, stderr });
    });
  });
  return { stdin: child.stdin, stdout: child.stdout, ended, stop: () => stop(child, () => over) };
}

const stderrKept = 8_192;
const graceMs = 2_000;

function stop(child: ChildProcess, isOver: () => boolean): void {
  if (isOver()) return;
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => {
    if (!isOver()) signalGroup(child, 'SIGKILL');
  }, graceMs);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group ended by itself just now.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
