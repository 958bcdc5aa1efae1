import { request } from 'node:http';
import { join } from 'node:path';
import type { Answer, OperationName, Operations } from './operations.ts';

/** A failure between the command line and the running program; its message is a sentence for a person. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** Where a running program is spoken to. */
export function controlSocket(dataDir: string): string {
  return join(dataDir, 'kosuke.sock');
}

/**
 * The operations of the program that runs on `dataDir`, `null` when none does. Throws `ControlError` when something holds the
 * socket and does not answer. Each operation has a time limit, and throws `ControlError` when it fails on the other side.
 */
export async function connect(dataDir: string): Promise<Operations | null> {
  const socketPath = controlSocket(dataDir);
  if (!(await answers(socketPath))) return null;
  return {
    list: (body) => ask(socketPath, 'list', body),
    setAside: () => ask(socketPath, 'setAside', {}),
    logs: (body) => ask(socketPath, 'logs', body),
    redeploy: (body) => ask(socketPath, 'redeploy', body),
    sleep: (body) => ask(socketPath, 'sleep', body),
    wake: (body) => ask(socketPath, 'wake', body),
    remove: (body) => ask(socketPath, 'remove', body),
    sweep: () => ask(socketPath, 'sweep', {}, sweepLimitMs),
    planSweep: () => ask(socketPath, 'planSweep', {}, sweepLimitMs),
  };
}

/** One that is still opening its database has the socket already, and hears only who comes later: ask again. */
async function answers(socketPath: string): Promise<boolean> {
  for (let tries = helloTries; ; tries -= 1) {
    try {
      await exchange(socketPath, 'GET', '/', null, helloLimitMs);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')) return false;
      if (!(error instanceof ControlError) || tries <= 1) throw error;
    }
  }
}

const helloTries = 10;
const helloLimitMs = 1_000;
const limitMs = 30_000;
const sweepLimitMs = 600_000;

async function ask<T>(socketPath: string, operation: OperationName, body: object, withinMs = limitMs): Promise<Answer<T>> {
  const { status, text } = await exchange(socketPath, 'POST', `/operations/${operation}`, JSON.stringify(body), withinMs);
  const answer = parsed(text);
  if (status === 200 && isAnswer<T>(answer)) return answer;
  const said = isProblem(answer) ? answer.problem : `The program answered with status ${status}, which this version does not understand. Restart \`serve\`.`;
  throw new ControlError(said);
}

function exchange(socketPath: string, method: string, path: string, body: string | null, withinMs: number): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(withinMs);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(signal.aborted ? new ControlError(silent(socketPath, withinMs), { cause: error }) : reasonOf(error, socketPath));
    const headers = body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ socketPath, method, path, headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', fail);
    });
    asked.on('error', fail);
    asked.end(body ?? undefined);
  });
}

function silent(socketPath: string, withinMs: number): string {
  return `Whatever holds ${socketPath} did not answer within ${withinMs / 1000} s. Another command may be at work there: try again in a moment, or look at the log of \`serve\`.`;
}

function reasonOf(error: unknown, socketPath: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EACCES') return new ControlError(`${socketPath} may not be opened by this user. Run the command as the user that runs \`serve\`.`, { cause: error });
  if (code === 'ECONNRESET' || code === 'EPIPE') return new ControlError('The program went away before it answered. Look at the log of `serve`, then try again.', { cause: error });
  return error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAnswer<T>(value: unknown): value is Answer<T> {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false;
  return value.ok === true ? 'value' in value : value.ok === false && isProblem(value);
}

function isProblem(value: unknown): value is { problem: string } {
  return typeof value === 'object' && value !== null && 'problem' in value && typeof value.problem === 'string';
}
