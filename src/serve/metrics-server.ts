import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Scrape } from '../metrics/scrape.ts';

/** Answers a request for the metrics; rejects when they cannot be read at all. */
export async function answerMetrics(scrape: Scrape, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...plain, allow: 'GET, HEAD' }).end('Metrics are only read: use GET.\n');
    return;
  }
  const { contentType, text } = await scrape();
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
}

/**
 * Whether a host (as it was sent, without port) is a name of this machine's loopback. Only what is sent counts, never where it comes from:
 * what Traefik passes on comes from the loopback, too. Names below `localhost` do not count: previews and pages may be under one.
 */
export function isLoopbackName(host: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(host.toLowerCase());
}

/** A server of its own for `METRICS_PORT`: `/metrics`, whatever host is asked for, and nothing else. */
export function createMetricsServer(scrape: Scrape, log: Logger): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404, plain).end('Only /metrics is here.\n');
      return;
    }
    answerMetrics(scrape, request, response).catch((error: unknown) => {
      log.error({ err: error }, 'metrics could not be answered');
      response.writeHead(500, plain).end('The metrics could not be read. Please try again.\n');
    });
  });
}

const plain = { 'content-type': 'text/plain; charset=utf-8' };
