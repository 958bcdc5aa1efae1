import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, KosukeError, type Failure } from '../../../src/domain/errors.ts';

const failure: Failure = { code: 'build-failed', fault: 'app', what: 'The build failed', why: 'exit code 2', next: 'Fix it.' };

test('a failure of usual size travels as it is', () => {
  assert.deepEqual(new KosukeError(failure).failure, failure);
  assert.deepEqual(new KosukeError({ ...failure, logTail: 'one\ntwö' }).failure, { ...failure, logTail: 'one\ntwö' });
});

test('no text of a size that somebody else chose travels on', () => {
  const error = new KosukeError({ ...failure, what: 'w'.repeat(5_000), why: '🚀'.repeat(5_000), next: `${'n'.repeat(1_998)}🚀n`, logTail: `${'x'.repeat(50_000)}end` });
  const { what, why, next, logTail } = error.failure;
  assert.equal(what, `${'w'.repeat(1_999)}…`);
  for (const text of [what, why, next]) assert.ok(text.length <= 2_000 && text.isWellFormed());
  assert.ok(error.message.length < 5_000);
  assert.equal(logTail, `${'x'.repeat(16 * 1024 - 3)}end`);
  assert.equal(failureOf(new Error('e'.repeat(5_000)), 'building').why.length, 2_000);
});

test('the end of a log is at most 16 KiB and begins with a whole character', () => {
  for (let shift = 0; shift < 5; shift++) {
    const tail = new KosukeError({ ...failure, logTail: `${'é🚀'.repeat(10_000)}${'x'.repeat(shift)}` }).failure.logTail!;
    assert.ok(Buffer.byteLength(tail) <= 16 * 1024 && Buffer.byteLength(tail) > 16 * 1024 - 4);
    assert.match(tail, /^[é🚀]+x*$/u);
  }
});
