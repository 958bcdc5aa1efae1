import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestSnapshot } from '../types.ts';
import type { World } from '../world.ts';

export type RestAnswer = { template: string | undefined; auth: RequestSnapshot['auth']; status: number };

/** Answers a REST request. */
export async function serveRest(
  _world: World,
  request: IncomingMessage,
  response: ServerResponse,
  _call: { method: string; path: string; url: URL },
): Promise<RestAnswer> {
  request.resume();
  response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"message":"Not Found"}');
  return { template: undefined, auth: 'none', status: 404 };
}
