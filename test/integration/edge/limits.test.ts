import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { parse } from 'yaml';
import { staticConfig } from '../../../src/demo/traefik.ts';
import { createEdge } from '../../../src/edge/edge.ts';
import { eventually } from '../../support/eventually.ts';
import { startTraefik, type TestTraefik } from '../../support/traefik.ts';

describe('the limits of the edge', () => {
  let traefik: TestTraefik | undefined;
  let server: Server;
  const sockets = new Set<Socket>();

  before(async () => {
    // It would keep a connection for a minute.
    server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => response.writeHead(503, { 'X-Kosuke-State': 'building' }).end('gate'));
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    traefik = await startTraefik();
  });

  after(async () => {
    await traefik?.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('are the same in the shipped configuration and in that of the demo and the tests', async () => {
    const shipped = parse(await readFile(new URL('../../../traefik/traefik.yml', import.meta.url), 'utf8'), { merge: true }) as ReturnType<typeof staticConfig> & {
      entryPoints: { websecure: { transport: unknown } };
    };
    const ours = staticConfig({ port: 1, apiPort: 2, dynamicDir: '/dynamic' });
    assert.deepEqual(ours.entryPoints.web.transport, shipped.entryPoints.websecure.transport);
    assert.deepEqual(ours.serversTransport, shipped.serversTransport);
    assert.equal(shipped.entryPoints.web.transport, undefined, 'where nobody uploads, Traefik keeps its 60 s');
  });

  it('let an idle connection to an app go before common apps do: a POST never meets one that its app has just closed', async () => {
    const edge = createEdge({
      dynamicDir: traefik!.dynamicDir,
      gateUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      entryPoint: 'web',
      previewDomain: 'kosuke.localhost',
      edgeAddress: { host: '127.0.0.1', port: traefik!.port },
      scheme: 'http',
      clock: { now: () => new Date() },
      log: pino({ level: 'silent' }),
    });
    await edge.writeGate();
    await eventually('Traefik leads to it', async () => {
      const answer = await edge.probe('project-1-a.kosuke.localhost', '/', AbortSignal.timeout(5_000));
      return answer.kind === 'answer' && answer.gateState === 'building';
    });
    assert.equal(sockets.size > 0, true, 'the connection is kept for a moment');
    await eventually('Traefik has let it go', () => sockets.size === 0, { within: 5_000 });
  });
});
