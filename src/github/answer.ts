import type { IncomingMessage, ServerResponse } from 'node:http';
import { drain } from './body.ts';

export type Answer = { status: number; body: Record<string, string>; headers?: Record<string, string> };

/** Answers in JSON, a request whose body has been read. */
export function answerRead(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, headersOf(answer)).end(textOf(answer));
}

/**
 * Answers a request whose body has not been read to its end, and ends the connection. The whole answer goes out first and the
 * response stays open while the rest of the body drains: a socket that is closed under a client that still sends is reset, and
 * the client never reads the answer.
 */
export async function answerEarly(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<void> {
  response.writeHead(answer.status, { ...headersOf(answer), connection: 'close' });
  response.write(textOf(answer));
  await drain(request, limits);
  response.end();
  if (!request.complete) request.destroy();
}

function headersOf(answer: Answer): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(textOf(answer))),
    'cache-control': 'no-store',
    ...answer.headers,
  };
}

function textOf(answer: Answer): string {
  return `${JSON.stringify(answer.body)}\n`;
}
