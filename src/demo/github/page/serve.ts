import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../world.ts';

/** Answers a browser. */
export async function servePage(_world: World, request: IncomingMessage, response: ServerResponse, _url: URL): Promise<void> {
  request.resume();
  response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n');
}
