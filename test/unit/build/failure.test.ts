import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFailure, buildTimeout } from '../../../src/build/failure.ts';

const progress = (step: string, error: string) => ({
  take: () => [],
  end: () => [],
  failure: () => ({ step, error }),
  tail: () => ['one', 'two'],
});

test('a command that fails is told by its step and exit code, in the words of old and new engines', () => {
  for (const error of [
    'executor failed running [/bin/sh -c npm run build]: exit code: 2',
    'process "/bin/sh -c npm run build" did not complete successfully: exit code: 2',
  ]) {
    assert.deepEqual(buildFailure('x', progress('[3/4] RUN npm run build', error)).failure, {
      code: 'build-failed',
      fault: 'app',
      what: 'The build failed at [3/4] RUN npm run build',
      why: 'The command ended with exit code 2',
      next: 'Fix it and push; the log shows every step.',
      logTail: 'one\ntwo',
    });
  }
  assert.match(buildFailure('x', progress('[1/1] RUN x', 'exit code: 137')).failure.why, /out of memory/);
});

test('a registry that cannot be reached and a full disk are ours, a base image that does not exist is not', () => {
  const fault = (error: string) => buildFailure(error, progress('[internal] load metadata for docker.io/library/x', error)).failure.fault;
  assert.equal(fault('failed to do request: Head "https://registry-1.docker.io/v2/library/x": dial tcp: lookup registry-1.docker.io: no such host'), 'us');
  assert.equal(fault('toomanyrequests: You have reached your pull rate limit'), 'us');
  assert.equal(fault('write /var/lib/docker/tmp/x: no space left on device'), 'us');
  assert.equal(fault('pull access denied, repository does not exist or may require authorization'), 'app');
  assert.equal(fault('docker.io/library/x:nope: not found'), 'app');
  const missing = buildFailure('x', progress('[internal] load metadata for docker.io/library/x:nope', 'not found'));
  assert.equal(missing.failure.what, 'The build failed at FROM docker.io/library/x:nope');
});

test('a command that says connection refused while it fails is still the command', () => {
  const error = 'process "/bin/sh -c curl localhost || (echo dial tcp: connection refused; exit 7)" did not complete successfully: exit code: 7';
  assert.equal(buildFailure('x', progress('[1/1] RUN curl', error)).failure.fault, 'app');
});

test('a step for which the engine has no network is ours', () => {
  const error = 'executor failed running [/bin/sh -c npm ci]: failed to create endpoint x on network bridge: adding interface veth1 to bridge docker0 failed: could not find bridge docker0';
  assert.equal(buildFailure('x', progress('[2/3] RUN npm ci', error)).failure.fault, 'us');
});

test('limits are named in minutes, short ones in seconds', () => {
  assert.equal(buildTimeout(900_000, []).failure.what, 'The build took longer than 15 minutes');
  assert.equal(buildTimeout(90_000, []).failure.what, 'The build took longer than 90 seconds');
});
