import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBases, isRefusal, registryOf } from '../../../src/build/bases.ts';
import type { Trace } from '../../../src/build/trace.ts';

function vertex(name: string, change: Partial<Trace['vertexes'][number]> = {}): Trace {
  return { vertexes: [{ digest: name, name, cached: false, started: 1, completed: null, error: '', ...change }], logs: [] };
}

const digest = `sha256:${'a'.repeat(64)}`;

test('the base images of a build are those that BuildKit asks for, once each and as people write them', () => {
  const bases = createBases();
  bases.take(vertex('[internal] load metadata for docker.io/library/node:24-slim'));
  bases.take(vertex('[internal] load metadata for ghcr.io/acme/base:1'));
  bases.take(vertex(`[build 1/4] FROM docker.io/library/node:24-slim@${digest}`));
  bases.take(vertex('[2/4] RUN echo FROM nowhere'));
  bases.take(vertex(`[internal] load metadata for docker.io/library/x@${digest}`));
  assert.deepEqual(bases.names(), ['node:24-slim', 'ghcr.io/acme/base:1', `x@${digest}`]);
});

test('one is open from the question to the answer', () => {
  const bases = createBases();
  const name = '[internal] load metadata for ghcr.io/acme/base:1';
  assert.deepEqual(bases.open(), []);
  bases.take(vertex(name));
  assert.deepEqual(bases.open(), ['ghcr.io/acme/base:1']);
  bases.take(vertex(name, { completed: 2 }));
  assert.deepEqual([bases.open(), bases.failed()], [[], null]);
});

test('the one that failed is named, not those that were given up because of it', () => {
  const bases = createBases();
  bases.take(vertex('[internal] load metadata for a.example/x:1', { error: 'context canceled', completed: 2 }));
  bases.take(vertex(`[1/2] FROM b.example/y:1@${digest}`, { error: 'connection refused', completed: 2 }));
  assert.deepEqual(bases.failed(), { base: 'b.example/y:1', error: 'connection refused' });
});

test('the registry is in the name, else it is Docker Hub', () => {
  const names = ['node:24', 'acme/x:1', 'ghcr.io/acme/x:1', 'localhost/x:1', '127.0.0.1:5000/x:1', 'reg:5000/x'];
  assert.deepEqual(names.map(registryOf), ['docker.io', 'docker.io', 'ghcr.io', 'localhost', '127.0.0.1:5000', 'reg:5000']);
});

const refusals = [
  '127.0.0.1:41151/nope:latest: not found',
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  'manifest for x not found: manifest unknown: MANIFEST_UNKNOWN',
  'unexpected status: 403 Forbidden',
];
const silences = [
  'failed to do request: Head "https://registry-1.docker.io/v2/library/busybox/manifests/1.37": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
  'dial tcp 127.0.0.1:9: connect: connection refused',
  'pulling from host x failed with status code [manifests latest]: 503 Service Unavailable',
  'net/http: TLS handshake timeout',
  'x509: certificate signed by unknown authority',
  '',
];
test('a refusal is told from silence', () => {
  assert.deepEqual(refusals.filter((error) => !isRefusal(error)), []);
  assert.deepEqual(silences.filter(isRefusal), []);
});
