import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { failureOf } from '../domain/errors.ts';
import type { OperationName, Operations } from './operations.ts';
import { requestSchemas } from './requests.ts';

/**
 * Serves `operations` on the listening `server` of the data directory's lock (a unix socket that only its owner may open):
 * `POST /operations/<name>` with a JSON body answers 200 with an `Answer`, everything else with `{ problem }`. `close` takes no
 * more requests and resolves when those at work have been answered, or after 5 s; the listening server stays its owner's to close.
 */
export function createControlServer(server: Server, operations: Operations, log: Logger): { close(): Promise<void> } {
  const atWork = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const http = createServer((request, response) => {
    const work = handle(request, response, operations, log).finally(() => atWork.delete(work));
    atWork.add(work);
  });
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    http.emit('connection', socket);
  };
  server.on('connection', onConnection);
  return {
    async close() {
      server.off('connection', onConnection);
      const enough = new AbortController();
      await Promise.race([Promise.all(atWork), delay(closeLimitMs, undefined, { signal: enough.signal })]);
      enough.abort();
      for (const socket of sockets) socket.destroySoon();
    },
  };
}

const closeLimitMs = 5_000;

async function handle(request: IncomingMessage, response: ServerResponse, operations: Operations, log: Logger): Promise<void> {
  /** Node takes it off the request once either has ended. */
  const { socket } = request;
  let text: string;
  try {
    text = await bodyOf(request, socket);
  } catch (error) {
    log.debug({ err: error }, 'a command did not arrive whole');
    socket.destroy();
    return;
  }
  try {
    const { status, body } = await answerTo(request, text, operations);
    send(response, status, body);
  } catch (error) {
    log.error({ err: error, path: request.url }, 'a command failed');
    const failure = failureOf(error, 'carrying out the command');
    send(response, 500, { problem: `${failure.what}${failure.why === '' ? '' : `: ${failure.why}`}. The log of \`serve\` says more.` });
  }
}

/** Rejects when it is not there within 5 s, or is longer than any command. */
async function bodyOf(request: IncomingMessage, socket: Socket): Promise<string> {
  const late = setTimeout(() => socket.destroy(), bodyLimitMs);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bodyLimit) throw new Error('it is too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    clearTimeout(late);
  }
}

const bodyLimit = 65_536;
const bodyLimitMs = 5_000;

async function answerTo(request: IncomingMessage, text: string, operations: Operations): Promise<{ status: number; body: object }> {
  if (request.method === 'GET' && request.url === '/') return { status: 200, body: { program: 'kosuke-preview' } };
  const name = operationOf(request);
  if (name === null) return { status: 404, body: { problem: otherVersion } };
  return carryOut(name, jsonOf(text), operations);
}

const otherVersion = 'The running program does not know this command. Restart `serve` so that both are of one version.';

function operationOf(request: IncomingMessage): OperationName | null {
  if (request.method !== 'POST') return null;
  const name = request.url?.replace(/^\/operations\//, '') ?? '';
  return name !== request.url && Object.hasOwn(requestSchemas, name) ? (name as OperationName) : null;
}

async function carryOut(name: OperationName, body: unknown, operations: Operations): Promise<{ status: number; body: object }> {
  switch (name) {
    case 'list':
      return withChecked(requestSchemas.list.safeParse(body), (request) => operations.list(request));
    case 'logs':
      return withChecked(requestSchemas.logs.safeParse(body), (request) => operations.logs(request));
    case 'setAside':
      return withChecked(requestSchemas.setAside.safeParse(body), () => operations.setAside());
    case 'sweep':
      return withChecked(requestSchemas.sweep.safeParse(body), () => operations.sweep());
    case 'planSweep':
      return withChecked(requestSchemas.planSweep.safeParse(body), () => operations.planSweep());
    case 'redeploy':
    case 'sleep':
    case 'wake':
    case 'remove':
      return withChecked(requestSchemas[name].safeParse(body), (request) => operations[name](request));
  }
}

async function withChecked<T>(
  checked: { success: true; data: T } | { success: false },
  use: (data: T) => Promise<object>,
): Promise<{ status: number; body: object }> {
  if (!checked.success) return { status: 400, body: { problem: otherVersion } };
  return { status: 200, body: await use(checked.data) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), connection: 'close' });
  response.end(text);
}
