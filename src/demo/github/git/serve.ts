import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { findAccount, mayWrite, permissionOf } from '../accounts.ts';
import { push } from '../pushes.ts';
import { findRepo, movedRepo } from '../repositories.ts';
import { fullName } from '../shapes/repository.ts';
import { liveToken, reaches } from '../tokens.ts';
import type { RequestSnapshot } from '../types.ts';
import type { Account, Repo, Token, World } from '../world.ts';
import { askGit, type GitCall } from './backend.ts';

export type GitPath = { owner: string; name: string; file: GitCall['file'] };

/** `/{owner}/{repo}[.git]/info/refs|git-upload-pack|git-receive-pack`; undefined for any other path. */
export function parseGitPath(path: string): GitPath | undefined {
  const match = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(path);
  return match ? { owner: match[1] ?? '', name: match[2] ?? '', file: match[3] as GitCall['file'] } : undefined;
}

/** Answers a clone, fetch or push as GitHub does; resolves to how it asked and what it got. Never throws for what the client did. */
export async function serveGit(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  path: GitPath,
): Promise<{ auth: RequestSnapshot['auth']; status: number }> {
  const caller = callerOf(world, request.headers.authorization);
  const refuse = (status: number, text: string) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': 'text/plain', ...(status === 401 && { 'WWW-Authenticate': 'Basic realm="GitHub"' }) });
    response.end(text);
    return { auth: caller.kind, status };
  };
  const service = path.file === 'info/refs' ? url.searchParams.get('service') : path.file;
  if (request.method !== (path.file === 'info/refs' ? 'GET' : 'POST')) return refuse(405, 'Method not allowed.');
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return refuse(403, 'Please upgrade your git client.');
  const write = service === 'git-receive-pack';
  const repo = findRepo(world, path.owner, path.name) ?? movedRepo(world, path.owner, path.name);
  if (caller.kind === 'refused') return refuse(401, 'Invalid username or token.');
  if (caller.kind === 'none' && (write || !repo || repo.private)) return refuse(401, 'Authentication required.');
  if (!repo || !mayRead(repo, caller)) return refuse(404, 'Repository not found.');
  if (fullName(repo).toLowerCase() !== `${path.owner}/${path.name}`.toLowerCase()) {
    request.resume();
    response.writeHead(301, { Location: `/${fullName(repo)}.git/${path.file}${url.search}` }).end();
    return { auth: caller.kind, status: 301 };
  }
  const pusher = caller.kind === 'person' && mayWrite(repo, caller.account) ? caller.account : undefined;
  if (write && !pusher) return refuse(403, `Permission to ${fullName(repo)}.git denied.`);

  const call: GitCall = { dir: repo.dir, file: path.file, search: url.search, user: pusher?.login ?? '' };
  if (path.file !== 'git-receive-pack' || !pusher) {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await askGit(request, call, gone.signal);
    response.writeHead(answer.status, answer.headers);
    await pipeline(answer.body, response);
    return { auth: caller.kind, status: answer.status };
  }
  // A client that goes in the middle of its push ends git by its missing input; killing it could leave refs moving after we looked.
  const { answer, body } = await push(world, repo, pusher, async () => {
    const answer = await askGit(request, call);
    const chunks: Buffer[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return { answer, body: Buffer.concat(chunks) };
  });
  response.writeHead(answer.status, answer.headers);
  response.end(body);
  return { auth: caller.kind, status: answer.status };
}

type Caller = { kind: 'none' } | { kind: 'refused' } | { kind: 'person'; account: Account } | { kind: 'installation'; token: Token };

/** A password is a person's own, or an installation token with whatever user name. */
function callerOf(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: 'none' };
  const basic = /^basic ([a-z\d+/=]+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return { kind: 'refused' };
  const [login = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':');
  const password = rest.join(':');
  const token = liveToken(world, password);
  if (token) return token.installation.suspendedAt ? { kind: 'refused' } : { kind: 'installation', token };
  const account = findAccount(world, login);
  return account?.password === password ? { kind: 'person', account } : { kind: 'refused' };
}

function mayRead(repo: Repo, caller: Caller): boolean {
  if (!repo.private) return true;
  if (caller.kind === 'person') return permissionOf(repo, caller.account) !== 'none';
  if (caller.kind !== 'installation') return false;
  return reaches(caller.token, repo) && caller.token.permissions['contents'] !== undefined;
}
