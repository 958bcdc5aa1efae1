import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { createPace } from '../../../src/github/pace.ts';
import { limitedFor, refusalOf } from '../../../src/github/trouble.ts';

function paceAt() {
  let now = 1_000_000;
  const pace = createPace({ now: () => new Date(now), sleep: () => Promise.resolve() });
  return { pace, pass: (ms: number) => void (now += ms), now: () => now };
}

/** As octokit throws them. */
function httpError(status: number, headers: Record<string, string>, message: string): Error {
  return Object.assign(new Error(message), { name: 'HttpError', status, request: { url: 'http://x/y' }, response: { headers, data: { message } } });
}

function refuses(why: RegExp) {
  return (error: unknown) => error instanceof KosukeError && error.retry && why.test(error.failure.why);
}

describe('the pace of an installation', () => {
  it('lets 60 writes a minute through, and any number of reads', () => {
    const { pace, pass } = paceAt();
    for (let i = 0; i < 60; i += 1) pace.admit('POST');
    assert.throws(() => pace.admit('PATCH'), refuses(/60 writes in 60 s/));
    for (let i = 0; i < 200; i += 1) pace.admit('GET');
    pass(60_000);
    pace.admit('POST');
  });

  it('lets 400 writes an hour through', () => {
    const { pace, pass } = paceAt();
    for (let i = 0; i < 400; i += 1) {
      pace.admit('POST');
      pass(2_000);
    }
    assert.throws(() => pace.admit('POST'), refuses(/400 writes in 3600 s/));
    pass(3_600_000);
    pace.admit('POST');
  });

  it('is quiet for as long as GitHub asks, reads included', () => {
    const { pace, pass } = paceAt();
    pace.note(httpError(429, { 'retry-after': '30' }, 'slow down'));
    pass(29_000);
    assert.throws(() => pace.admit('GET'), refuses(/rate limit/));
    pass(1_000);
    pace.admit('GET');
  });

  it('is not stopped by other failures', () => {
    const { pace } = paceAt();
    pace.note(httpError(403, {}, 'Resource not accessible by integration'));
    pace.note(httpError(500, {}, 'Server Error'));
    pace.note(new Error('connection refused'));
    pace.admit('POST');
  });
});

describe('a rate limit', () => {
  const now = 1_800_000_000_000;
  const table: [string, Error, number | null][] = [
    ['names its seconds', httpError(403, { 'retry-after': '7' }, 'secondary rate limit'), 7_000],
    ['names the time of its end', httpError(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000060' }, 'API rate limit exceeded'), 60_000],
    ['names nothing', httpError(403, {}, 'You have exceeded a secondary rate limit'), 60_000],
    ['names more than an hour', httpError(429, { 'retry-after': '999999' }, ''), 3_600_000],
    ['is none', httpError(403, { 'x-ratelimit-remaining': '10' }, 'Resource not accessible by integration'), null],
    ['is none either', httpError(404, {}, 'Not Found'), null],
  ];
  for (const [what, error, ms] of table) {
    it(`that ${what} means ${ms === null ? 'no pause' : `a pause of ${ms} ms`}, and is ${ms === null ? 'a' : 'no'} refusal`, () => {
      assert.equal(limitedFor(error, now), ms);
      assert.equal(refusalOf(error) === null, ms !== null);
    });
  }
});
