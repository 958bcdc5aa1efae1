import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseGitPath, serveGit } from './git/serve.ts';
import { servePage } from './page/serve.ts';
import { checkRequest, serveRest } from './rest/serve.ts';
import type { Bounded } from './bounded.ts';
import type { Intercept, RequestSnapshot } from './types.ts';
import type { World } from './world.ts';

const apiRoot = '/api/v3';

/** One server for REST, git and pages, as on GitHub Enterprise. */
export function githubServer(world: World, requests: Bounded<RequestSnapshot>, intercept: Intercept): Server {
  return createServer((request, response) => {
    answer(world, requests, intercept, request, response).catch((error: unknown) => {
      if (response.destroyed && !response.writableFinished) return;
      world.contract.failed(request.method ?? 'GET', request.url ?? '/', error);
      world.log({ kind: 'failure', method: request.method, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'application/json' }).end('{"message":"Server Error"}');
    });
  });
}

/** Listens on loopback; resolves to the port. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

async function answer(
  world: World,
  requests: Bounded<RequestSnapshot>,
  intercept: Intercept,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(`${world.origin}${request.url ?? '/'}`);
  const method = request.method ?? 'GET';
  const gitPath = parseGitPath(url.pathname);
  const kind = url.pathname.startsWith(`${apiRoot}/`) ? 'rest' : gitPath ? 'git' : 'page';
  if (kind === 'page') return servePage(world, request, response, url);

  const at = world.now();
  const path = kind === 'rest' ? url.pathname.slice(apiRoot.length) : url.pathname;
  const verdict = await intercept({ kind, method, path });
  if (verdict !== 'drop' && verdict?.delayMs !== undefined) await delay(verdict.delayMs, undefined, { ref: false });
  const forged = verdict === 'drop' || verdict?.status !== undefined;
  if (forged && kind === 'rest') await checkRequest(world, request, { method, path, url });
  if (verdict === 'drop') return void request.socket.destroy();
  const log = (template: string, auth: RequestSnapshot['auth'], status: number) => {
    requests.add({ kind, method, path: template, url: path + url.search, status, auth, at });
    world.log({ kind, method, path: path + url.search, auth, status });
  };
  if (verdict?.status !== undefined) {
    request.resume();
    response.writeHead(verdict.status, { 'Content-Type': 'application/json; charset=utf-8', ...verdict.headers });
    response.end(typeof verdict.body === 'string' ? verdict.body : JSON.stringify(verdict.body ?? { message: 'Intercepted' }));
    return log(path, 'none', verdict.status);
  }
  if (gitPath && kind === 'git') {
    const { auth, status } = await serveGit(world, request, response, url, gitPath);
    return log(`/{owner}/{repo}.git/${gitPath.file}`, auth, status);
  }
  const { template, auth, status } = await serveRest(world, request, response, { method, path, url });
  log(template ?? path, auth, status);
}
