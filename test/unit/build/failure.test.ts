import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFailure, buildTimeout, failureIn, unreadFailure } from '../../../src/build/failure.ts';
import type { Failure } from '../../../src/domain/errors.ts';

function failure(vertex: string, error: string, { dockerfile = '', tail = ['one', 'two'] } = {}): Failure {
  const progress = { take: () => [], end: () => [], failure: () => ({ step: vertex, vertex, error }), tail: () => tail };
  return failureIn(buildFailure('what the engine said', progress), dockerfile).failure;
}

test('a command that fails is told by its step, its line and its exit code, in the words of old and new engines', () => {
  for (const error of [
    'executor failed running [/bin/sh -c npm run build]: exit code: 2',
    'process "/bin/sh -c npm run build" did not complete successfully: exit code: 2',
  ]) {
    assert.deepEqual(failure('[3/4] RUN npm run build', error, { dockerfile: 'FROM node\n\nRUN npm run build\n' }), {
      code: 'build-failed',
      fault: 'app',
      what: 'The build failed at [3/4] RUN npm run build (line 3 of the Dockerfile)',
      why: 'The command ended with exit code 2',
      next: 'Fix it and push; the log shows every step.',
      logTail: 'one\ntwo',
    });
  }
  assert.match(failure('[1/1] RUN x', 'exit code: 137').why, /out of memory/);
});

test('a base image that does not exist is told by its FROM', () => {
  const missing = failure('[internal] load metadata for docker.io/library/x:nope', 'docker.io/library/x:nope: not found', { dockerfile: 'FROM x:nope\n' });
  assert.equal(missing.what, 'The build failed at FROM docker.io/library/x:nope (line 1 of the Dockerfile)');
  assert.equal(failure('[internal] load metadata for docker.io/library/x', 'toomanyrequests: You have reached your pull rate limit').code, 'engine');
});

test('a step for which the engine has no network is ours', () => {
  const error = 'executor failed running [/bin/sh -c npm ci]: failed to create endpoint x on network bridge: adding interface veth1 to bridge docker0 failed: could not find bridge docker0';
  assert.equal(failure('[2/3] RUN npm ci', error).fault, 'us');
});

test('an ADD of an address is told by its instruction, which old engines do not name', () => {
  const told = failure('http://files.test/x', 'invalid response status 404', { dockerfile: 'FROM busybox\nADD --chown=1 http://files.test/x /x\n' });
  assert.equal(told.what, 'The build failed at ADD --chown=1 http://files.test/x /x (line 2 of the Dockerfile)');
  assert.equal(told.why, 'invalid response status 404');
});

test('folders of the engine and frames are left out', () => {
  assert.equal(failure('[b 2/2] COPY --from=0 /nope /x', 'lstat /var/lib/docker/overlay2/1404d0/merged/nope: no such file or directory').why, 'lstat /nope: no such file or directory');
  assert.equal(failure('[2/2] COPY a /x', 'failed to calculate checksum of ref 01f5::ozv7: "/a": not found').why, '"/a": not found');
});

test('a build that asks for .git is told what is there instead', () => {
  const asks: [vertex: string, error: string, tail?: string[]][] = [
    ['[2/2] COPY .git /x', '"/.git" not found: not found'],
    ['[2/2] COPY ./.git/ /x/', '"/.git" not found: not found'],
    ['[2/2] ADD .git/HEAD /x/', 'failed to walk /var/lib/docker/tmp/buildkit-mount27/.git: lstat /.git: no such file or directory'],
    ['[2/2] COPY [".git", "/x"]', '"/.git" not found: not found'],
    ['[2/2] RUN git log', 'exit code: 128', ['fatal: not a git repository (or any of the parent directories): .git']],
    ['[2/2] RUN make', 'exit code: 2', ['make: git rev-parse HEAD: failed']],
    ['[2/2] RUN go build', 'exit code: 1', ['error obtaining VCS status: exit status 128']],
  ];
  for (const [vertex, error, tail] of asks) {
    const { why, next, code } = failure(vertex, error, tail === undefined ? {} : { tail });
    assert.equal(code, 'build-failed');
    assert.match(why, /\.git is no part of a build/, vertex);
    for (const name of ['KOSUKE_COMMIT', 'KOSUKE_BRANCH', 'SOURCE_DATE_EPOCH']) assert.ok(next.includes(name));
  }
  const others: typeof asks = [
    ['[2/2] COPY .github /x', '"/.github" not found: not found'],
    ['[2/2] COPY a .git', '"/a" not found: not found'],
    ['[2/2] COPY .gitignore /x', '"/.gitignore" not found: not found'],
    ['[2/2] RUN echo .git', 'exit code: 1'],
    ['[2/2] COPY .git /x', 'mkdir /x: not a directory'],
  ];
  for (const [vertex, error] of others) assert.doesNotMatch(failure(vertex, error).why, /no part of a build/, vertex);
});

test('a mount of .git is told so, as a copy is', () => {
  for (const [flags, missing] of [['type=bind,source=.git,target=/g', '"/.git" not found: not found'], ['src=./.git/HEAD,target=/g', 'failed to calculate checksum of ref 01f5::ozv7: "/.git/HEAD": not found']] as const) {
    assert.match(failure(`[2/2] RUN --mount=${flags} cat /g`, missing).why, /\.git is no part of a build/);
  }
  assert.doesNotMatch(failure('[2/2] RUN --mount=type=bind,source=.github,target=/g true', '"/.github" not found: not found').why, /no part of a build/);
});

test('a command that looked for .git and failed later for something else keeps its own advice, and gets the other one beside it', () => {
  const tail = ['fatal: not a git repository', 'compiling', 'one', 'two', 'error: type'];
  const told = failure('[2/2] RUN make', 'exit code: 2', { tail });
  assert.equal(told.why, 'The command ended with exit code 2');
  assert.match(told.next, /^Fix it and push; the log shows every step\. It also looked for the folder \.git, .*`KOSUKE_COMMIT`/);
  assert.match(failure('[2/2] RUN make', 'exit code: 128', { tail }).why, /no part of a build/);
});

test('the exit code is the one with which the command ended, not one of which it speaks', () => {
  const told = (error: string) => failure('[2/2] RUN x', error).why;
  assert.equal(told('executor failed running [/bin/sh -c echo "exit code: 137" && exit 3]: exit code: 3'), 'The command ended with exit code 3');
  assert.equal(told('process "/bin/sh -c echo \\"exit code: 137\\" && exit 3" did not complete successfully: exit code: 3'), 'The command ended with exit code 3');
  assert.match(told('executor failed running [/bin/sh -c echo exit code: 137]: unable to find user nobodyx: no matching entries in passwd file'), /unable to find user nobodyx/);
});

test('what an engine is too old for is ours, and names the line, the version that reads it, and what both sides can do', () => {
  const feature = { name: 'COPY --link', syntax: '1.4', engine: '23.0', line: 5, text: 'COPY --link . .' };
  const { failure: old } = unreadFailure(feature, '20.10.24+dfsg1');
  assert.deepEqual([old.code, old.fault, old.engineVersion], ['engine-too-old', 'us', '20.10.24+dfsg1']);
  assert.equal(old.what, "This server's Docker Engine 20.10.24 is too old for COPY --link");
  assert.match(old.why, /line 5 of the Dockerfile is "COPY --link \. \."/);
  assert.match(old.next, /The operator of this server updates Docker to 23\.0 or newer/);
  const { failure: never } = unreadFailure({ ...feature, name: 'RUN --device', syntax: '1.14-labs', engine: null }, '28.5.2');
  assert.deepEqual([never.code, never.fault, never.engineVersion], ['build-failed', 'app', undefined]);
});

test('limits are named in minutes, short ones in seconds', () => {
  assert.equal(buildTimeout(900_000, []).failure.what, 'The build took longer than 15 minutes');
  assert.equal(buildTimeout(90_000, []).failure.what, 'The build took longer than 90 seconds');
});
