import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blameFor, kindOf } from '../../../src/build/blame.ts';

/** Real messages: vertex and error of Docker Engine 20.10.24 and, where they differ, of 28.5.2. */
const messages: { vertex: string; error: string; fault: 'app' | 'us' }[] = [
  // ADD of an address: 20.10 names the step by it, newer engines by the instruction.
  ...['http://files.test/x', '[2/2] ADD http://files.test/x /x'].flatMap((vertex) =>
    [
      ...[401, 403, 404, 429, 500, 503].map((status) => `invalid response status ${status}`),
      'unexpected EOF',
      'Get "http://files.test/x": EOF',
      'Get "/x": stopped after 10 redirects',
      'Get "http://files.test/x": dial tcp 127.0.0.1:1: connect: connection refused',
      'Get "http://files.test/x": dial tcp: lookup files.test on 10.0.0.1:53: no such host',
      'Get "http://files.test/x": dial tcp 10.0.0.1:80: i/o timeout',
      'Get "https://files.test/x": http: server gave HTTP response to HTTPS client',
      'Get "https://files.test/x": net/http: TLS handshake timeout',
    ].map((error) => ({ vertex, error, fault: 'app' as const })),
  ),
  { vertex: '[2/2] ADD --keep-git-dir=true http://files.test/x.git /', error: "error fetching default branch for repository http://files.test/x.git: git stderr:\nfatal: unable to access 'http://files.test/x.git/': Failed to connect to files.test port 80 after 0 ms: Couldn't connect to server\n: exit status 128", fault: 'app' },

  // ADD of an archive.
  { vertex: '[2/2] ADD x.tar.gz /x/', error: 'Error processing tar file(exit status 1): unexpected EOF', fault: 'app' },
  { vertex: '[2/2] ADD x.tar.gz /x/', error: 'Error processing tar file(gzip: invalid checksum): ', fault: 'app' },
  { vertex: '[2/2] ADD x.tar /x/', error: 'Error processing tar file(exit status 1): archive/tar: invalid tar header', fault: 'app' },
  { vertex: '[2/2] ADD x.tar /x/', error: 'unexpected EOF', fault: 'app' },
  { vertex: '[2/2] ADD x.tar /x/', error: 'Error processing tar file(exit status 1): write /a: no space left on device', fault: 'us' },

  // Registries: FROM, COPY --from and mounts; 20.10 fetches the latter late.
  ...['[internal] load metadata for registry.test/x:1', 'FROM registry.test/x:1', '[build 1/3] FROM registry.test/x:1'].flatMap((vertex) => [
    ...[
      'registry.test/x:1: not found',
      'registry.test:500/timeout/eof:404: not found',
      'pulling from host registry.test failed with status code [manifests 1]: 401 Unauthorized',
      'pulling from host registry.test failed with status code [manifests 1]: 403 Forbidden',
      'unexpected status from HEAD request to http://registry.test/v2/x/manifests/1: 403 Forbidden',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      'no match for platform in manifest: not found',
    ].map((error) => ({ vertex, error, fault: 'app' as const })),
    ...[
      'pulling from host registry.test failed with status code [manifests 1]: 429 Too Many Requests',
      'pulling from host registry.test failed with status code [manifests 1]: 500 Internal Server Error',
      'unexpected status from HEAD request to http://registry.test/v2/x/manifests/1: 503 Service Unavailable',
      'toomanyrequests: You have reached your pull rate limit',
      'failed to do request: Head "http://registry.test/v2/x/manifests/1": EOF',
      'failed to do request: Head "http://registry.test/v2/404/denied/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused',
      'failed to do request: Head "http://registry.test/v2/x/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused',
      'failed to do request: Head "https://registry.test/v2/x/manifests/1": dial tcp: lookup registry.test on 10.0.0.1:53: no such host',
      'failed to do request: Head "https://registry.test/v2/x/manifests/1": net/http: TLS handshake timeout',
      'failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://registry.test/blob": dial tcp 10.0.0.1:443: i/o timeout',
      'write /var/lib/docker/tmp/x: no space left on device',
    ].map((error) => ({ vertex, error, fault: 'us' as const })),
  ]),

  // Steps: how a command ended, whatever it or the Dockerfile says, and what else breaks one.
  { vertex: '[2/2] RUN false', error: 'executor failed running [/bin/sh -c false]: exit code: 1', fault: 'app' },
  { vertex: '[2/2] RUN curl', error: 'process "/bin/sh -c curl x || (echo dial tcp: connection refused; exit 7)" did not complete successfully: exit code: 7', fault: 'app' },
  { vertex: '[2/2] RUN x', error: 'executor failed running [/bin/sh -c echo no space left on device; exit 1]: exit code: 1', fault: 'app' },
  { vertex: '[2/2] RUN true', error: 'executor failed running [/bin/sh -c true]: unable to find user nobodyx: no matching entries in passwd file', fault: 'app' },
  { vertex: '[2/2] RUN npm ci', error: 'executor failed running [/bin/sh -c npm ci]: failed to create endpoint x on network bridge: adding interface veth1 to bridge docker0 failed: could not find bridge docker0', fault: 'us' },
  { vertex: '[2/2] COPY nothing /x', error: '"/nothing" not found: not found', fault: 'app' },
  { vertex: '[2/2] COPY nothing /x', error: 'failed to calculate checksum of ref 01f5::ozv7: "/nothing": not found', fault: 'app' },
  { vertex: '[2/2] COPY [a /x]', error: 'syntax error in pattern', fault: 'app' },
  { vertex: '[2/2] WORKDIR /bin/busybox', error: 'mkdir /var/lib/docker/overlay2/t2v/merged/bin/busybox: not a directory', fault: 'app' },
  { vertex: '[b 2/2] COPY --from=0 /nope /x', error: 'lstat /var/lib/docker/overlay2/1404/merged/nope: no such file or directory', fault: 'app' },
  { vertex: '[2/2] RUN --mount=type=secret,id=x,required true', error: 'secret x not found: not found', fault: 'app' },
  { vertex: '[2/2] COPY . .', error: 'write /x: no space left on device', fault: 'us' },

  // Words of the repository decide nothing.
  { vertex: '[2/2] COPY vendor/libnetwork /x', error: '"/vendor/libnetwork" not found: not found', fault: 'app' },
  { vertex: '[2/2] COPY vendor/libnetwork /x', error: 'failed to calculate checksum of ref 01f5::ozv7: "/vendor/libnetwork": not found', fault: 'app' },
  { vertex: '[b 2/2] COPY --from=0 /libnetwork /x', error: 'lstat /var/lib/docker/overlay2/1404/merged/libnetwork: no such file or directory', fault: 'app' },
  { vertex: '[b 2/2] COPY --from=0 ["/no space left on device", "/x"]', error: 'lstat /var/lib/docker/overlay2/1404/merged/no space left on device: no such file or directory', fault: 'app' },
  { vertex: '[2/2] RUN --mount=type=secret,id=libnetwork,required true', error: 'secret libnetworks/x not found: not found', fault: 'app' },
  { vertex: '[2/2] RUN x', error: 'executor failed running [/bin/sh -c echo "]: no space left on device" libnetwork]: unable to find user x: no matching entries in passwd file', fault: 'app' },
  { vertex: '[2/2] RUN x', error: 'executor failed running [/bin/sh -c echo exit code: 3]: failed to create endpoint x on network bridge: could not find bridge docker0', fault: 'us' },
  { vertex: '[2/2] RUN x', error: 'process "/bin/sh -c echo \\"exit code: 3" did not complete successfully: failed to create shim task: OCI runtime create failed: open /proc/1: no space left on device: unknown', fault: 'us' },
  { vertex: '[internal] load metadata for registry.test/toomanyrequests:1', error: 'registry.test/toomanyrequests:1: not found', fault: 'app' },
  { vertex: '', error: 'failed to solve with frontend dockerfile.v0: failed to create LLB definition: Syntax error - can\'t find = in "toomanyrequests". Must be of the form: name=value', fault: 'app' },
  { vertex: '', error: 'can\'t find = in "toomanyrequests"', fault: 'app' },
  { vertex: '', error: 'failed to solve with frontend dockerfile.v0: failed to create LLB definition: Syntax error - can\'t find = in no space left on device', fault: 'app' },
  { vertex: '', error: "unexpected key 'no such host' in 'no such host=/x'", fault: 'app' },

  // BuildKit's own race.
  ...['', '[2/2] COPY . .', '[internal] load metadata for docker.io/library/x:1'].map((vertex) => ({ vertex, error: 'failed to solve: flightcontrol: exceeded retry timeout', fault: 'us' as const })),

  // What we send, and the image that is written.
  { vertex: '[internal] load build context', error: 'unexpected EOF', fault: 'us' },
  { vertex: '[internal] load build context', error: 'lstat /var/lib/docker/overlay2/d0fm/diff/nnn: file name too long', fault: 'app' },
  { vertex: '[internal] load build context', error: 'rpc error: code = Unavailable desc = transport is closing', fault: 'us' },
  { vertex: '[internal] load remote build context', error: 'unexpected EOF', fault: 'us' },
  { vertex: '[internal] load build definition from Dockerfile', error: 'no active session for x: context deadline exceeded', fault: 'us' },
  { vertex: 'exporting to image', error: 'write /x: no space left on device', fault: 'us' },
  { vertex: 'exporting to image', error: 'layer does not exist', fault: 'us' },

  // No step: the frontend, or the engine.
  ...[
    'failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: Unknown flag: lnk',
    'dockerfile parse error on line 1: unknown instruction: FRMO (did you mean FROM?)',
    'dockerfile parse error on line 1: unknown instruction: no such host',
    'failed to solve with frontend dockerfile.v0: failed to create LLB definition: failed to parse stage name "busybox:": invalid reference format',
    'failed to process "${dial tcp": syntax error',
    'the Dockerfile cannot be empty',
    'no build stage in current context',
    "unexpected key 'trgt' in 'trgt=/x'",
    'dockerfile line greater than max allowed size of 65535',
  ].map((error) => ({ vertex: '', error, fault: 'app' as const })),
  ...[
    'failed to solve: rpc error: code = Unavailable desc = error reading from server: EOF',
    'no active session for 2xk: context deadline exceeded',
    'failed to read dockerfile: unexpected EOF',
    'mkdir /var/lib/docker/x: no space left on device',
  ].map((error) => ({ vertex: '', error, fault: 'us' as const })),
];

test('whose doing it is, is known of a long error at once', () => {
  const at = performance.now();
  for (const part of ['"', '\\"', "'", " '", ': ', '/ ', 'open /', 'executor failed running [', 'exit code: ']) blameFor('step', part.repeat(1_000_000 / part.length));
  assert.ok(performance.now() - at < 5_000);
});

describe('whose doing a broken build is', () => {
  for (const { vertex, error, fault } of messages) test(`${fault}: ${vertex === '' ? 'no step' : vertex}: ${error.slice(0, 120).replaceAll('\n', ' ')}`, () => assert.equal(blameFor(kindOf(vertex), error), fault));
});
