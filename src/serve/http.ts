import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { isLoopbackName } from './metrics-server.ts';

export type Handlers = {
  /** Whether a host (as it was sent, without port) belongs to previews. */
  isPreviewHost(host: string): boolean;
  gate(request: Request): Promise<Response>;
  /** Takes the raw request: signatures are over raw bytes. */
  intake(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** For those who ask for a loopback name; `null`: not on this server. */
  metrics: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null;
  dashboard(request: Request): Response | Promise<Response>;
  log: Logger;
};

/**
 * One server for all: a preview host gets the gate and nothing else; any other webhooks and pages, and a loopback name metrics, too. What names
 * another host in its target (`GET http://other/`) is refused, so that a request is never routed by one name and answered by another.
 */
export function createHttpServer(handlers: Handlers): Server {
  const gate = getRequestListener(handlers.gate);
  const dashboard = getRequestListener(handlers.dashboard);
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000 }, (request, response) => {
    const target = request.url ?? '';
    if (!target.startsWith('/')) return answerOther(request, response);
    const host = (request.headers.host ?? '').replace(/:\d*$/, '');
    const path = target.split('?', 1)[0];
    const answered = handlers.isPreviewHost(host)
      ? gate(request, response)
      : path === '/api/github/webhooks'
        ? handlers.intake(request, response)
        : path === '/metrics' && handlers.metrics !== null && isLoopbackName(host)
          ? handlers.metrics(request, response)
          : dashboard(request, response);
    answered.catch((error: unknown) => {
      handlers.log.error({ err: error, method: request.method }, 'a request could not be answered');
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('Something went wrong here. Please try again.\n');
    });
  });
  // Who takes nothing more of a stream of events, which sends something every few seconds, or vanished without a word.
  server.timeout = idleLimitMs;
  return server;
}

const idleLimitMs = 120_000;

/** `OPTIONS *` asks of the server as a whole; any other target that is no path is for proxies. */
function answerOther({ method, url }: IncomingMessage, response: ServerResponse): void {
  if (method === 'OPTIONS' && url === '*') response.writeHead(204).end();
  else response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end('Only paths are answered here, not whole addresses.\n');
}

/** Resolves with the port. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** No new connections; those that are idle end at once, the others when they have been answered, at the latest after `limitMs`. */
export async function closeServer(server: Server, limitMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
