import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instructionOfStep } from '../../../src/domain/dockerfile-line.ts';

const dockerfile = `# syntax=docker/dockerfile:1
FROM node:24 AS build
WORKDIR /app
COPY package.json ./
RUN echo "one" && \\
    # why
    npm ci
ADD http://127.0.0.1:8080/a.tar.gz /x/
ADD $BASE/b.tar.gz /x/
RUN --mount=type=cache,target=/c   exit $CODE; exit 3
RUN true
RUN true
COPY --from=registry.test/tools:1 /bin/x /bin/x
run ["sh", "-c", "exit 3"]

FROM registry.test/base
RUN <<EOF
RUN true
EOF
COPY ["a b", "/x"]
RUN true
FROM node:24
RUN --mount=from=busybox,target=/b true
`;

describe('the line of a step', () => {
  const cases: [step: string, line: number | null][] = [
    ['[internal] load metadata for docker.io/library/node:24', null],
    ['[internal] load metadata for registry.test/base:latest', 16],
    [`[stage-1 1/4] FROM registry.test/base:latest@sha256:${'a'.repeat(64)}`, 16],
    ['[build 1/9] FROM docker.io/library/node:24', 2],
    ['FROM registry.test/tools:1', 13],
    ['FROM docker.io/library/busybox:latest', 23],
    ['[build 2/9] WORKDIR /app', 3],
    ['[build 4/9] RUN echo "one" &&     npm ci', 5],
    ['http://127.0.0.1:8080/a.tar.gz', 8],
    ['https://files.test/b.tar.gz', 9],
    ['[build 5/9] ADD http://127.0.0.1:8080/a.tar.gz /x/', 8],
    ['[build 7/9] RUN --mount=type=cache,target=/c   exit 9; exit 3', 10],
    ['[build 8/9] RUN true', 11],
    ['[build 9/9] RUN true', 12],
    ['[stage-1 4/4] RUN true', 21],
    ['[build 11/11] RUN ["sh", "-c", "exit 3"]', 14],
    ['[stage-1 2/4] RUN <<EOF (RUN true)', 17],
    ['[stage-1 3/4] COPY [a b, /x]', 20],
    ['[3/4] RUN npm test', null],
    ['exporting to image', null],
    ['[internal] load build context', null],
    ['', null],
  ];
  for (const [step, line] of cases) test(`of ${step === '' ? 'no step' : step} is ${line ?? 'not known'}`, () => assert.equal(instructionOfStep(dockerfile, step)?.from ?? null, line));

  test('is found in no more time than the texts are long', () => {
    const at = performance.now();
    instructionOfStep(`RUN ${'$A a '.repeat(100_000)}\n`, `[1/1] RUN ${'a '.repeat(500_000)}b`);
    instructionOfStep(`RUN ${'${A'.repeat(100_000)}\n`, `[1/1] RUN ${'${A'.repeat(100_000)}`);
    instructionOfStep('RUN $A\n'.repeat(50_000), '[1/1] RUN x');
    assert.ok(performance.now() - at < 5_000);
  });

  test('is not looked for with a step of more than 4 KiB, and is found soon with a shorter one among many instructions', () => {
    const long = `RUN ${'a'.repeat(3_000)}`;
    assert.equal(instructionOfStep(`FROM x\n${long}\n`, `[2/2] ${long}`)?.from, 2);
    assert.equal(instructionOfStep(`FROM x\n${long}${long}\n`, `[2/2] ${long}${long}`), null);
    const many = `FROM x\n${'RUN $A b $B z $C\n'.repeat(19_900)}`;
    const stages = 'FROM x AS y\nRUN a\n'.repeat(9_900);
    const at = performance.now();
    assert.equal(instructionOfStep(many, `[2/2] RUN ${'b '.repeat(1_900)}c`), null);
    assert.equal(instructionOfStep(many, `[9/19901] RUN ${'c b '.repeat(900)}z c`)?.from, 9);
    assert.equal(instructionOfStep(stages, '[stage-9000 2/2] RUN a')?.from, 18_002);
    instructionOfStep('RUN $A b\n'.repeat(10_000), `[1/1] RUN ${'a '.repeat(100_000)}b`);
    assert.ok(performance.now() - at < 4_000);
  });

  test('is that of its text alone where the steps of a base image come before', () => assert.equal(instructionOfStep('FROM x\nRUN a\nRUN b\n', '[4/5] RUN a')?.from, 2));
});
