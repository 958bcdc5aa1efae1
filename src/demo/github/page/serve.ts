import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { html } from 'hono/html';
import { findRepo, movedRepo } from '../repositories.ts';
import { fullName } from '../shapes/repository.ts';
import type { Repo, World } from '../world.ts';
import { avatarSvg } from './avatar.ts';
import { type Html, layout } from './layout.ts';
import { pullPage } from './pull.ts';
import { homePage, repositoryPage } from './repository.ts';

type Page = { title: string; crumbs: Html; content: Html };

/** Answers a browser: `/`, `/{owner}/{repo}`, `/{owner}/{repo}/pull/{n}`, and pictures of accounts. */
export async function servePage(world: World, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  request.resume();
  const segments = url.pathname.split('/').slice(1);
  if (segments[0] === 'avatars') return serveAvatar(world, response, Number(segments[2]));
  const [owner = '', name = '', ...rest] = segments;
  const repo = findRepo(world, owner, name);
  const former = repo ? undefined : movedRepo(world, owner, name);
  if (former) return void response.writeHead(301, { Location: `/${[fullName(former), ...rest].join('/')}` }).end();
  const page = owner === '' ? home(world) : repo && pageOf(world, repo, rest);
  const nonce = randomBytes(12).toString('base64');
  const shown = page ?? { title: 'Not found', crumbs: html``, content: html`<h1>Not found</h1><p class="dim">There is nothing at this address.</p>` };
  const text = String(await layout(shown.title, shown.crumbs, shown.content, nonce));
  response.writeHead(page ? 200 : 404, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(text);
}

function home(world: World): Page {
  return { title: 'Local GitHub', crumbs: html``, content: homePage(world) };
}

function pageOf(world: World, repo: Repo, rest: string[]): Page | undefined {
  const crumbs = html`${repo.owner.login} / <a href="/${fullName(repo)}">${repo.name}</a>`;
  if (rest.length === 0) return { title: fullName(repo), crumbs, content: repositoryPage(world, repo) };
  const pull = rest.length === 2 && rest[0] === 'pull' ? repo.pulls.get(Number(rest[1])) : undefined;
  return pull && { title: `${pull.title} · #${pull.number} · ${fullName(repo)}`, crumbs, content: pullPage(world, pull) };
}

function serveAvatar(world: World, response: ServerResponse, id: number): void {
  const account = [...world.accounts.values(), world.app.bot, world.app.owner].find((one) => one.id === id);
  if (account) response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(avatarSvg(account));
  else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n');
}
