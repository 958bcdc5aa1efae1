import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { Files } from '../../src/demo/github/index.ts';
import { eventually } from '../support/eventually.ts';
import { openPull } from '../support/story.ts';
import { untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

/** An app of one file on Node. `lines` are of its Dockerfile, before the command. */
function nodeApp(server: string, lines: string[] = [], command = '["node", "server.mjs"]'): Files {
  const dockerfile = ['FROM node:24-slim', 'WORKDIR /app', 'COPY . .', ...lines, 'ENTRYPOINT []', `CMD ${command}`];
  return { Dockerfile: `${dockerfile.join('\n')}\n`, 'server.mjs': `import http from 'node:http';\n${server}\n` };
}

const hello = (port: number | string, text = 'hello') => `http.createServer((q, s) => s.end(${JSON.stringify(text)})).listen(${port}, '0.0.0.0');`;
const slow = (text: string) => `http.createServer((q, s) => setTimeout(() => s.end(${JSON.stringify(text)}), 7000)).listen(3000);`;

/** `pushed`: a next version that says something else. */
type Case = { name: string; files: Files; says: string; comment?: RegExp[]; without?: RegExp[]; pushed?: { files: Files; says: string } };

const lively: Case[] = [
  {
    name: 'listens on one of the two ports that it exposes',
    files: nodeApp(hello(80), ['EXPOSE 80 443']),
    says: 'hello',
    comment: [/listens on port 80, not on 3000/, /exposes port 80 alone/],
  },
  {
    name: 'listens on a port that nobody exposes',
    files: nodeApp(hello(8055)),
    says: 'hello',
    comment: [/listens on port 8055, not on 3000/, /exposes port 8055 and no other/],
  },
  {
    name: 'has a web server beside what its base image exposes',
    files: nodeApp(`import net from 'node:net';\nnet.createServer((socket) => socket.on('data', () => socket.destroy())).listen(9000);\n${hello(80)}`, ['EXPOSE 9000', 'EXPOSE 80']),
    says: 'hello',
    comment: [/listens on port 80/],
  },
  {
    name: 'takes 7 s for every page',
    files: nodeApp(slow('slow page'), ['EXPOSE 3000']),
    says: 'slow page',
    pushed: { files: nodeApp(slow('the next one'), ['EXPOSE 3000']), says: 'the next one' },
  },
  {
    name: 'takes 12 s for its first page, and begins anew when the visitor goes away',
    files: nodeApp(
      `let warm = false;\nhttp.createServer((q, s) => { if (warm) return s.end('warm'); const t = setTimeout(() => { warm = true; s.end('warm'); }, 12000); s.on('close', () => clearTimeout(t)); }).listen(3000);`,
      ['EXPOSE 3000'],
    ),
    says: 'warm',
  },
  {
    name: 'dies when a visitor goes away in the middle of its page',
    files: nodeApp(
      `http.createServer((q, s) => { s.on('close', () => { if (!s.writableFinished) process.exit(7); }); s.write('the beginning, '); setTimeout(() => s.end('the end'), 1500); }).listen(3000);`,
      ['EXPOSE 3000'],
    ),
    says: 'the end',
  },
  {
    name: 'knows no host but its own and hangs up on any other',
    files: nodeApp(
      `http.createServer((q, s) => { if ((q.headers.host ?? '').split(':')[0] !== process.env.PREVIEW_HOST) return q.socket.destroy(); s.end('my host'); }).listen(3000);`,
      ['EXPOSE 3000'],
    ),
    says: 'my host',
  },
  {
    name: 'must be process 1, by its entrypoint',
    files: { ...nodeApp('if (process.ppid !== 0) process.exit(9);\n' + hello(3000, 'process one'), ['EXPOSE 3000', 'RUN ln -s "$(command -v node)" /init'], '["/init", "server.mjs"]') },
    says: 'process one',
  },
  {
    name: 'must be process 1, and says so when it is not',
    files: nodeApp(`if (process.pid !== 1) { console.error('supervise: fatal: can only run as pid 1'); process.exit(100); }\n${hello(3000, 'process one')}`, ['EXPOSE 3000']),
    says: 'process one',
    comment: [/must be process 1 in its container/],
  },
  {
    name: 'answers plain HTTP with the word that its port is for TLS',
    files: nodeApp(`http.createServer((q, s) => { s.statusCode = q.url === '/' ? 400 : 200; s.end('Client sent an HTTP request to an HTTPS server.\\n'); }).listen(3000);`, ['EXPOSE 3000']),
    says: '',
    comment: [/port 3000 that it expects TLS there/],
  },
];

const failing: Case[] = [
  {
    name: 'listens on several ports that nobody exposes',
    files: nodeApp(`${hello(8061)}\n${hello(8062)}`),
    says: '',
    comment: [/does not listen on port 3000/, /listens on ports 8061 and 8062 instead/, /EXPOSE 8061 or EXPOSE 8062/],
  },
  {
    name: 'listens on IPv6 only',
    files: nodeApp(`http.createServer((q, s) => s.end('six')).listen({ port: 3000, host: '::', ipv6Only: true });`, ['EXPOSE 3000']),
    says: '',
    comment: [/IPv6 only/, /0\.0\.0\.0:3000/],
  },
  {
    name: 'answers every visitor with an error',
    files: nodeApp(`http.createServer((q, s) => { s.statusCode = 500; s.end(); }).listen(3000);`, ['EXPOSE 3000']),
    says: '',
    comment: [/did not answer on port 3000 within/, /GET \/ for project-\d+-feature-x\.kosuke\.localhost.* was status 500/],
    without: [/EXPOSE/],
  },
];

describe('real apps', () => {
  describe('are shown', { concurrency: 5 }, () => {
    const world = useWorld({ HEALTH_TIMEOUT: '60s' });

    // The longest comes first, so that the others run beside it.
    test('an upload and a download that take 75 s arrive', async () => {
      const server = `http.createServer(async (q, s) => {
        if (q.method === 'GET' && q.url === '/slow') { for (let n = 0; n < 75; n++) { s.write('.'); await new Promise((r) => setTimeout(r, 1000)); } return s.end('all'); }
        let n = 0; for await (const c of q) n += c.length; s.end('got ' + n);
      }).listen(3000);`;
      const { host } = await openPull(world(), { repository: 'slow-lines', files: nodeApp(server, ['EXPOSE 3000']) });
      await untilServes(world(), host, 'got 0');
      const [up, down] = await Promise.all([upload(world(), host, 75), world().get(host, { path: '/slow', timeoutMs: 90_000 })]);
      assert.equal(up, 'got 75000');
      assert.equal(down.text, `${'.'.repeat(75)}all`);
    });

    for (const [at, { name, files, says, comment = [], pushed }] of lively.entries()) {
      test(`one that ${name}`, async () => {
        const { repository, branch, pull, host } = await openPull(world(), { repository: `lively-${at}`, files });
        const { body } = await untilComment(world(), repository, pull.number, /🟢 Running/);
        for (const words of comment) assert.match(body, words);
        if (says !== '') await untilServes(world(), host, says);
        if (pushed !== undefined) {
          await world().github.commit({ repository, branch, files: pushed.files });
          await eventually(`${host} says ${pushed.says}`, async () => (await world().get(host)).text === pushed.says, { within: 60_000 });
          await untilComment(world(), repository, pull.number, /🟢 Running \|/);
        }
        await world().github.closePullRequest({ repository, number: pull.number });
      });
    }
  });

  describe('that cannot be shown are explained', { concurrency: 3 }, () => {
    const world = useWorld({ HEALTH_TIMEOUT: '4s' });

    for (const [at, { name, files, comment = [], without = [] }] of failing.entries()) {
      test(`one that ${name}`, async () => {
        const { repository, pull } = await openPull(world(), { repository: `failing-${at}`, files });
        const { body } = await untilComment(world(), repository, pull.number, /🔴 Failed/);
        for (const words of comment) assert.match(body, words);
        for (const words of without) assert.doesNotMatch(body, words);
        await world().github.closePullRequest({ repository, number: pull.number });
      });
    }

    test('and leave nothing', () => untilNothingLeft(world()));
  });
});

/** Sends a thousand bytes each second; resolves with what the app says of them. */
async function upload(world: World, hostLabel: string, seconds: number): Promise<string> {
  const url = new URL(world.url(hostLabel));
  const request = http.request({ host: '127.0.0.1', port: url.port, method: 'POST', headers: { host: url.host }, agent: false, signal: AbortSignal.timeout(1000 * seconds + 15_000) });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  for (let sent = 0; sent < seconds; sent += 1) {
    request.write(Buffer.alloc(1000, 'x'));
    await delay(1000);
  }
  request.end();
  const [response] = await answered;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}
