import { createSign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type JsonObject, type LocalGitHub, type LocalGitHubOptions, startLocalGitHub } from '../../../src/demo/github/index.ts';

export const secret = 'a secret of these tests';

export type Received = { headers: IncomingHttpHeaders; body: Buffer };

export type Harness = {
  github: LocalGitHub;
  dir: string;
  /** What came at the webhook's address, in the order in which it came. */
  received: Received[];
  /** What the next webhooks are answered with. */
  answerWith: (status: number) => void;
};

/** A local GitHub and a receiver for its webhooks, which end with the test. */
export async function startHarness(test: TestContext, options: Partial<LocalGitHubOptions> = {}): Promise<Harness> {
  const dir = await mkdtemp(join(tmpdir(), 'local-github-'));
  const received: Received[] = [];
  let status = 202;
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`;
  const github = await startLocalGitHub({ dir, webhook: { url, secret }, ...options });
  test.after(async () => {
    try {
      await github.close();
    } finally {
      await new Promise((resolve) => receiver.close(resolve));
      await rm(dir, { recursive: true, force: true });
    }
  });
  return { github, dir, received, answerWith: (next) => void (status = next) };
}

export type Answer = { status: number; headers: Headers; body: unknown };

/** One REST request; `token` is a JWT or an installation token. */
export async function rest(
  github: LocalGitHub,
  token: string | undefined,
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(path.startsWith('http') ? path : `${github.url}/api/v3${path}`, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

/** What of what was just sent on purpose is not as GitHub describes it; nothing else may be, or the test fails at its end. */
export function provoked(github: LocalGitHub): string[] {
  return github.takeViolations().map(({ where, expected }) => `${where}: ${expected}`);
}

/** A JWT as the App signs it; `claims` replaces single claims. */
export function appJwt(github: LocalGitHub, claims: JsonObject = {}, algorithm = 'RS256'): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: algorithm, typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 540, iss: github.appId, ...claims })}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(github.privateKey, 'base64url')}`;
}

/** A token of the installation on `account`, narrowed by `body`. */
export async function installationToken(github: LocalGitHub, account: string, body: JsonObject = {}): Promise<string> {
  const answer = await rest(github, appJwt(github), 'GET', '/app/installations?per_page=100');
  const installation = (answer.body as { id: number; account: { login: string } }[]).find((one) => one.account.login === account);
  const minted = await rest(github, appJwt(github), 'POST', `/app/installations/${installation?.id}/access_tokens`, { body });
  return (minted.body as { token: string }).token;
}

/** The value at a dotted path of an answer or payload. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as JsonObject | undefined)?.[key], value);
}
