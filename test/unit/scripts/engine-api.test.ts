import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test, type TestContext } from 'node:test';
import { callEngine, engineAddress } from '../../../scripts/setup/engine-api.mjs';

describe('the address of the engine', () => {
  test('comes from DOCKER_HOST, else it is the usual socket', () => {
    assert.deepEqual(engineAddress(undefined), { socketPath: '/var/run/docker.sock' });
    assert.deepEqual(engineAddress('unix:///run/user/1000/docker.sock'), { socketPath: '/run/user/1000/docker.sock' });
    assert.deepEqual(engineAddress('tcp://127.0.0.1:2375'), { host: '127.0.0.1', port: 2375 });
    assert.deepEqual(engineAddress('tcp://[::1]:2375/'), { host: '::1', port: 2375 });
  });

  test('is refused in a sentence when it is of another kind', () => {
    for (const kind of ['ssh://host', 'unix://relative.sock', 'tcp://host', 'npipe:////./pipe/docker']) {
      assert.throws(() => engineAddress(kind), { name: 'SetupFailure', message: /^DOCKER_HOST is .*: set it to/ });
    }
  });
});

describe('a request to the engine', () => {
  test('gives the answer, and sends a body as a tar', async (t) => {
    const dockerHost = await listening(t, (request, response) => {
      response.write(`${request.method} ${request.url} ${request.headers['content-type']} `);
      request.pipe(response);
    });
    assert.equal(await callEngine('POST', '/build?t=a', { dockerHost, body: Readable.from(['bytes']) }), 'POST /build?t=a application/x-tar bytes');
  });

  test("fails with the engine's own words and status", async (t) => {
    const dockerHost = await listening(t, (_request, response) => {
      response.writeHead(404).end('{"message":"No such image: a"}');
    });
    await assert.rejects(callEngine('GET', '/images/a/json', { dockerHost }), { name: 'EngineFailure', message: 'No such image: a', status: 404 });
  });

  test('fails when the failure is a line in an answer of 200', async (t) => {
    const dockerHost = await listening(t, (_request, response) => {
      response.write('{"status":"Pulling from library/a"}\r\n');
      response.end('{"errorDetail":{"message":"toomanyrequests"},"error":"toomanyrequests"}\r\n');
    });
    const seen: string[] = [];
    await assert.rejects(callEngine('POST', '/images/create', { dockerHost, onData: (text) => seen.push(text) }), { message: 'toomanyrequests' });
    assert.match(seen.join(''), /Pulling from/);
  });

  test('fails when the answer breaks off or does not end within the bound', async (t) => {
    const broken = await listening(t, (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('half');
      setImmediate(() => response.destroy());
    });
    await assert.rejects(callEngine('GET', '/', { dockerHost: broken }), { name: 'EngineFailure', status: 0 });
    const silent = await listening(t, (_request, response) => response.write('half'));
    await assert.rejects(callEngine('GET', '/', { dockerHost: silent, seconds: 0.2 }), { message: 'no answer within 0.2 s' });
  });
});

async function listening(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
