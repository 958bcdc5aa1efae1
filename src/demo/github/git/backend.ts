import { spawn } from 'node:child_process';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { gitEnv } from './run.ts';

export type GitCall = {
  /** Path of the bare repository. */
  dir: string;
  file: 'info/refs' | 'git-upload-pack' | 'git-receive-pack';
  /** With the question mark, or empty. */
  search: string;
  /** Who asks; empty without credentials. */
  user: string;
};

export type GitAnswer = {
  status: number;
  headers: OutgoingHttpHeaders;
  body: AsyncIterable<Buffer>;
};

/**
 * Runs `git http-backend` as the CGI program it is, feeding it the request's body; resolves when its headers have come. Whoever reads
 * `body` to the end has seen git finish; leaving it early kills git.
 * @throws Error when git ends without an answer, or `signal` (the client is gone) aborts.
 */
export async function askGit(request: IncomingMessage, call: GitCall, signal?: AbortSignal): Promise<GitAnswer> {
  const backend = spawn('git', ['http-backend'], { env: cgiEnv(request, call), stdio: ['pipe', 'pipe', 'ignore'], signal });
  const ended = new Promise<void>((resolve, reject) => {
    backend.on('error', reject);
    backend.on('close', () => resolve());
  });
  // Whoever reads the body to its end hears of it; without this a failure before that would end the process.
  ended.catch(() => undefined);
  // Git may answer and leave before it has read everything; a client that breaks off ends git by its missing input.
  const fed = pipeline(request, backend.stdin).catch(() => undefined);
  const output = backend.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let buffer = Buffer.alloc(0);
  let headEnd = -1;
  while (headEnd < 0) {
    const { value, done } = await output.next();
    if (done) {
      await ended;
      throw new Error('git http-backend gave no answer');
    }
    buffer = Buffer.concat([buffer, value]);
    headEnd = buffer.indexOf('\r\n\r\n');
  }
  async function* body(): AsyncGenerator<Buffer> {
    try {
      yield buffer.subarray(headEnd + 4);
      for (let next = await output.next(); !next.done; next = await output.next()) yield next.value;
      await Promise.all([ended, fed]);
    } finally {
      if (backend.exitCode === null) backend.kill();
    }
  }
  return { ...parseHead(buffer.subarray(0, headEnd).toString('latin1')), body: body() };
}

function parseHead(head: string): { status: number; headers: OutgoingHttpHeaders } {
  const headers: OutgoingHttpHeaders = {};
  let status = 200;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name === 'Status') status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  return { status, headers };
}

function cgiEnv(request: IncomingMessage, call: GitCall): Record<string, string> {
  const header = (name: string) => String(request.headers[name] ?? '');
  return {
    ...gitEnv,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_TRANSLATED: `${call.dir}/${call.file}`,
    PATH_INFO: `/${call.file}`,
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: request.method ?? 'GET',
    QUERY_STRING: call.search.slice(1),
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    ...(request.headers['content-length'] !== undefined && { CONTENT_LENGTH: header('content-length') }),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_USER: call.user,
    REMOTE_ADDR: '127.0.0.1',
  };
}
