import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

const env = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].flatMap((who) => [[`GIT_${who}_NAME`, 'Ada'], [`GIT_${who}_EMAIL`, 'ada@example.org']])),
};

/** Runs git on the side of the people who push, with `input` as what it reads; returns what it printed. */
export function git(cwd: string, ...words: (string | { input: string })[]): string {
  const args = words.filter((word) => typeof word === 'string');
  const given = words.find((word) => typeof word !== 'string');
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, env, encoding: 'utf8', input: given?.input ?? '' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Commits the files (path → content) on the current branch of a work tree; returns the commit. */
export async function commit(work: string, files: Record<string, string>, message = 'change'): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), content);
  }
  git(work, 'add', '-A');
  git(work, 'commit', '--quiet', '--allow-empty', '-m', message);
  return git(work, 'rev-parse', 'HEAD');
}

export type GitServer = {
  url(name: string): string;
  /** `Authorization` of every request, `''` when there was none. */
  seen: string[];
  /** From now on the answers to fetches stop half-way, until the returned function is called. */
  holdFetches(): () => void;
  /** How many answers are held at this moment. */
  holding: number;
  /** While set, every request is redirected there. */
  redirect: string | null;
  /** While set, every request is answered with it. */
  status: number | null;
  close(): Promise<void>;
};

/** Serves the bare repositories under `root` by `git http-backend`, any object by its id. */
export async function startGitServer(root: string): Promise<GitServer> {
  const http = createServer((request, response) => void answer(request, response));
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const { port } = http.address() as AddressInfo;
  let hold: Promise<void> | null = null;
  const server: GitServer = {
    url: (name) => `http://127.0.0.1:${port}/${name}.git`,
    seen: [],
    holdFetches() {
      const { promise, resolve } = Promise.withResolvers<void>();
      hold = promise;
      return () => {
        hold = null;
        resolve();
      };
    },
    holding: 0,
    redirect: null,
    status: null,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    server.seen.push(request.headers.authorization ?? '');
    if (server.redirect !== null) {
      response.writeHead(302, { location: `${server.redirect}${request.url}` }).end();
      return;
    }
    if (server.status !== null) {
      response.writeHead(server.status).end();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const backend = spawn('git', ['-c', 'uploadpack.allowAnySHA1InWant=true', 'http-backend'], {
      env: {
        ...env,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin.on('error', () => undefined));
    const chunks: Buffer[] = [];
    for await (const chunk of backend.stdout) chunks.push(chunk as Buffer);
    await send(Buffer.concat(chunks), request, response);
  }

  async function send(output: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bodyAt = output.indexOf('\r\n\r\n') + 4;
    for (const line of output.subarray(0, bodyAt).toString().trim().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    const body = output.subarray(bodyAt);
    if (hold === null || request.method !== 'POST' || !body.includes('packfile\n')) {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, body.length / 2));
    server.holding++;
    await hold;
    server.holding--;
    response.end(body.subarray(body.length / 2));
  }

  return server;
}
