import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, SentBody } from '../contract/rest.ts';
import { findRepo, movedRepo } from '../repositories.ts';
import { reaches } from '../tokens.ts';
import type { RequestSnapshot } from '../types.ts';
import type { Repo, World } from '../world.ts';
import { readBody } from './body.ts';
import { type Caller, callerOf } from './callers.ts';
import { ApiError, badCredentials, forbidden, notFound } from './errors.ts';
import { rateHeaders, rateOf, spend } from './rate.ts';
import { type Call, type Match, matchRoute, type Need, type Reply } from './routes.ts';
import { routes } from './table.ts';

/** `path` is what follows `/api/v3`, percent-encoded as it was sent. */
export type Address = { method: string; path: string; url: URL };

export type RestAnswer = { template: string | undefined; auth: RequestSnapshot['auth']; status: number };

/**
 * Answers a REST request: who asks, which route, which repository, whether that is allowed, then the route itself.
 * What was asked and answered is held against GitHub's description.
 */
export async function serveRest(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  { method, path, url }: Address,
): Promise<RestAnswer> {
  const match = matchRoute(routes, method, path);
  let caller: Caller | undefined;
  let reply: Reply;
  let sent: SentBody = { kind: 'unreadable' };
  try {
    sent = await readBody(request);
    const body = sent.kind === 'json' ? sent.value : {};
    caller = callerOf(world, request.headers.authorization);
    if (!match) throw notFound();
    spend(rateOf(world, caller), caller);
    reply = await dispatch(match, caller, { world, params: match.params, query: url.searchParams, body, url });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    reply = refusal(error);
  }
  const answer = send(world, request, response, caller, reply);
  world.contract.exchange({ ...asked(request, { method, path, url }), body: sent, answer });
  return { template: match?.route.template.replace('+}', '}'), auth: caller?.kind ?? 'refused', status: response.statusCode };
}

/** Reads and checks a request whose answer a test makes up. */
export async function checkRequest(world: World, request: IncomingMessage, address: Address): Promise<void> {
  let body: SentBody = { kind: 'unreadable' };
  try {
    body = await readBody(request);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  world.contract.exchange({ ...asked(request, address), body, answer: null });
}

function asked({ headers }: IncomingMessage, { method, path, url }: Address) {
  const conditional = headers['if-none-match'] !== undefined;
  return { method, path, query: url.searchParams, contentType: headers['content-type'], conditional };
}

async function dispatch({ route }: Match, caller: Caller, call: Call): Promise<Reply> {
  switch (route.for) {
    case 'anybody':
      return route.handle({ ...call, token: caller.kind === 'installation' ? caller.token : undefined });
    case 'app':
      assertApp(caller);
      return route.handle(call);
    case 'installation':
      if (caller.kind === 'none') throw new ApiError(401, 'Requires authentication');
      if (caller.kind !== 'installation') throw forbidden();
      return route.handle({ ...call, token: caller.token });
    case 'app-repo':
    case 'repo': {
      if (route.for === 'app-repo') assertApp(caller);
      const found = findRepoOf(call);
      if (!found) throw notFound();
      if (route.for === 'repo') assertAllowed(route.need, caller, found.repo);
      return found.moved ? movedTo(call, found.repo, route.method) : route.handle({ ...call, repo: found.repo });
    }
  }
}

function assertApp(caller: Caller): void {
  if (caller.kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded');
}

function findRepoOf({ world, params }: Call): { repo: Repo; moved: boolean } | undefined {
  const { owner = '', repo: name = '', repository_id: id } = params;
  if (id !== undefined) {
    const repo = /^\d+$/.test(id) ? world.repos.get(Number(id)) : undefined;
    return repo && !repo.deleted ? { repo, moved: false } : undefined;
  }
  const repo = findRepo(world, owner, name);
  if (repo) return { repo, moved: false };
  const former = movedRepo(world, owner, name);
  return former && { repo: former, moved: true };
}

/**
 * A token's own repositories by its permissions. Public ones beyond them may be read by any token and without one, and never written
 * to; private ones are not there.
 */
function assertAllowed({ permissions, access }: Need, caller: Caller, repo: Repo): void {
  if (caller.kind === 'installation' && reaches(caller.token, repo)) {
    const granted = permissions.map((name) => caller.token.permissions[name]);
    if (!granted.some((level) => level === 'write' || (level === 'read' && access === 'read'))) throw forbidden();
    return;
  }
  if (repo.private) throw notFound();
  if (caller.kind === 'app') throw badCredentials();
  if (access === 'write') throw caller.kind === 'none' ? new ApiError(401, 'Requires authentication') : forbidden();
}

function movedTo(call: Call, repo: Repo, method: string): Reply {
  const segments = call.url.pathname.split('/');
  const rest = segments.slice(segments.indexOf('repos') + 3);
  const target = [`${call.world.origin}/api/v3/repositories/${repo.id}`, ...rest].join('/') + call.url.search;
  const status = method === 'GET' ? 301 : 307;
  const message = status === 301 ? 'Moved Permanently' : 'Temporary Redirect';
  return { status, body: { message, url: target, documentation_url: docs }, headers: { Location: target } };
}

const docs = 'https://docs.github.com/rest';

function refusal(error: ApiError): Reply {
  const { status, message, details } = error;
  // As GitHub describes them, errors of validation do not repeat their status.
  return { status, body: { message, ...details, documentation_url: docs, ...(status !== 422 && { status: String(status) }) } };
}

/** Writes the answer; a GET whose ETag the client has already is a 304 and costs nothing of its allowance. */
function send(world: World, request: IncomingMessage, response: ServerResponse, caller: Caller | undefined, reply: Reply): Answer {
  const json = reply.body === undefined ? '' : JSON.stringify(reply.body);
  const etag = `W/"${createHash('sha256').update(json).digest('hex')}"`;
  const known = (request.headers['if-none-match'] ?? '').split(/\s*,\s*/);
  const unchanged = request.method === 'GET' && reply.status === 200 && known.includes(etag);
  const rate = rateOf(world, caller ?? { kind: 'none' });
  if (unchanged) rate.used--;
  const status = unchanged ? 304 : reply.status;
  const text = unchanged ? '' : json;
  const contentType = text === '' ? undefined : 'application/json; charset=utf-8';
  response.writeHead(status, {
    ...(contentType !== undefined && { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) }),
    ...(request.method === 'GET' && reply.status === 200 && { ETag: etag, 'Cache-Control': 'private, max-age=60, s-maxage=60' }),
    Vary: 'Accept, Authorization, Cookie',
    'X-GitHub-Media-Type': 'github.v3; format=json',
    'X-GitHub-Request-Id': randomUUID(),
    ...rateHeaders(rate),
    ...reply.headers,
  });
  response.end(text);
  return { status, contentType, location: reply.headers?.['Location'], text };
}
