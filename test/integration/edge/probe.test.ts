import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { probe } from '../../../src/edge/probe.ts';
import { eventually } from '../../support/eventually.ts';

const host = 'project-1-a.kosuke.ai';
const never = new AbortController().signal;

describe('a probe', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      if (server instanceof http.Server) server.closeAllConnections();
      server.close();
    }
  });

  async function listen(server: Server): Promise<{ address: { host: string; port: number }; sockets: Set<Socket> }> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, sockets };
  }

  it('reads our headers, sends the host and the bypass token, follows no redirect', async () => {
    let heard: http.IncomingHttpHeaders = {};
    const { address } = await listen(
      http.createServer((request, response) => {
        heard = request.headers;
        response.writeHead(302, { Location: '/other', 'X-Kosuke-Deployment': '12', 'X-Kosuke-Hold': '13', 'X-Kosuke-State': 'building' }).end();
      }),
    );
    const answer = await probe({ address, scheme: 'http', host, path: '/health?x=1', bypassToken: 'token' }, never);
    assert.partialDeepStrictEqual(answer, { kind: 'answer', status: 302, deploymentId: 12, holdId: 13, gateState: 'building' });
    assert.equal(heard.host, host);
    assert.equal(heard['x-kosuke-bypass'], 'token');
    await probe({ address, scheme: 'http', host, path: '/' }, never);
    assert.equal(heard['x-kosuke-bypass'], undefined);
  });

  it('takes no id from a header that is not one', async () => {
    const { address } = await listen(http.createServer((_, response) => response.writeHead(200, { 'X-Kosuke-Deployment': '12x' }).end()));
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/' }, never), { status: 200, deploymentId: null });
  });

  it('reads the page to its end before it goes away, and closes its connection', async () => {
    let wentAwayEarly: boolean | null = null;
    const { address, sockets } = await listen(
      http.createServer((_, response) => {
        response.on('close', () => {
          wentAwayEarly = !response.writableFinished;
        });
        response.writeHead(200).write('the beginning');
        setTimeout(() => response.end('the end'), 300);
      }),
    );
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/' }, never), { kind: 'answer', status: 200, broken: false });
    await eventually('connection closed', () => sockets.size === 0);
    assert.equal(wentAwayEarly, false);
  });

  it('reads 1 MiB of a page at most', async () => {
    let sent = 0;
    const { address, sockets } = await listen(
      http.createServer((_, response) => {
        response.writeHead(200);
        const more = (): void => {
          for (let room = true; room && !response.destroyed; sent += 65_536) room = response.write(Buffer.alloc(65_536));
        };
        response.on('drain', more);
        more();
      }),
    );
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/' }, never), { kind: 'answer', status: 200, broken: false });
    await eventually('connection closed', () => sockets.size === 0);
    assert.ok(sent >= 1024 * 1024 && sent < 32 * 1024 * 1024, String(sent));
  });

  it('counts a page without end as an answer when its time is over, and one that breaks off as broken', async () => {
    const { address } = await listen(http.createServer((_, response) => response.writeHead(200).write('a page without end')));
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/', limitMs: 200 }, never), { kind: 'answer', status: 200, broken: false });
    const breaking = await listen(
      http.createServer((_, response) => {
        response.writeHead(200, { 'Content-Length': '1000' }).write('the beginning');
        setTimeout(() => response.destroy(), 50);
      }),
    );
    assert.partialDeepStrictEqual(await probe({ address: breaking.address, scheme: 'http', host, path: '/' }, never), { kind: 'answer', status: 200, broken: true });
  });

  it('gives up on what goes over to another protocol, ends without an answer, or says nothing that is HTTP', async () => {
    const said = {
      'goes over': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      'goes over without a word': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      'other words': 'hello\r\n',
      nothing: '',
    };
    for (const [name, text] of Object.entries(said)) {
      const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => (text === '' ? socket.end() : socket.write(text))));
      const { address } = await listen(server);
      const began = performance.now();
      const answer = await probe({ address, scheme: 'http', host, path: '/', limitMs: 1_000 }, never);
      assert.ok(answer.kind === 'no-edge' || answer.status === 101, `${name}: ${JSON.stringify(answer)}`);
      assert.ok(performance.now() - began < 3_000, name);
    }
  });

  it('hears when a port that was asked in plain HTTP is for TLS', async () => {
    const { address } = await listen(http.createServer((_, response) => response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.\n')));
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/' }, never), { kind: 'answer', status: 400, wantsTls: true });
  });

  it('tells an edge that is not there from one that does not answer', async () => {
    const { address } = await listen(http.createServer());
    const silent = await probe({ address, scheme: 'http', host, path: '/', limitMs: 100 }, never);
    assert.deepEqual(silent, { kind: 'no-edge', why: 'no answer within 100 ms', connected: true });
    servers.at(-1)!.close();
    (servers.pop() as http.Server).closeAllConnections();
    const absent = await eventually('refused', async () => {
      const answer = await probe({ address, scheme: 'http', host, path: '/' }, never);
      return answer.kind === 'no-edge' && !answer.connected ? answer : undefined;
    });
    assert.match(absent.why, /ECONNREFUSED/);
  });

  it('ends with the signal that it was given', async () => {
    const { address, sockets } = await listen(http.createServer());
    const reason = new Error('the pass ended');
    const controller = new AbortController();
    const probing = probe({ address, scheme: 'http', host, path: '/' }, controller.signal);
    await eventually('connected', () => sockets.size === 1);
    controller.abort(reason);
    await assert.rejects(probing, reason);
    await assert.rejects(probe({ address, scheme: 'http', host, path: '/' }, controller.signal), reason);
    await eventually('connection closed', () => sockets.size === 0);
  });

  it('asks for the host’s certificate, which is not checked on loopback', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kosuke-probe-'));
    try {
      const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
      const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=nobody', '-days', '2'];
      await promisify(execFile)('openssl', [...request, '-keyout', key, '-out', cert]);
      let name: string | false | null = null;
      const server = https.createServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) => response.writeHead(204).end());
      server.on('secureConnection', (socket) => {
        name = socket.servername;
      });
      const { address } = await listen(server);
      assert.partialDeepStrictEqual(await probe({ address, scheme: 'https', host, path: '/' }, never), { kind: 'answer', status: 204 });
      assert.equal(name, host);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
