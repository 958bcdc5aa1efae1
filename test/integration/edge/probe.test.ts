import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
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
    assert.deepEqual(answer, { kind: 'answer', status: 302, deploymentId: 12, holdId: 13, gateState: 'building' });
    assert.equal(heard.host, host);
    assert.equal(heard['x-kosuke-bypass'], 'token');
    await probe({ address, scheme: 'http', host, path: '/' }, never);
    assert.equal(heard['x-kosuke-bypass'], undefined);
  });

  it('takes no id from a header that is not one', async () => {
    const { address } = await listen(http.createServer((_, response) => response.writeHead(200, { 'X-Kosuke-Deployment': '12x' }).end()));
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/' }, never), { status: 200, deploymentId: null });
  });

  it('does not wait for a body, and closes its connection', async () => {
    const { address, sockets } = await listen(
      http.createServer((_, response) => {
        response.writeHead(200);
        response.write('a body without end');
      }),
    );
    assert.partialDeepStrictEqual(await probe({ address, scheme: 'http', host, path: '/' }, never), { kind: 'answer', status: 200 });
    await eventually('connection closed', () => sockets.size === 0);
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
