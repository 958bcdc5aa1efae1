import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageHeaders } from '../../../src/pages/page.ts';
import { policyProblems } from '../../support/policy.ts';

test('the headers of our pages are strict, and every way of not being so is noticed', () => {
  assert.deepEqual(policyProblems(new Headers(pageHeaders)), []);
  const policy = pageHeaders['Content-Security-Policy']!;
  const problems = (change: Record<string, string>) => policyProblems(new Headers({ ...pageHeaders, ...change }));
  const weaker: [change: Record<string, string>, problem: RegExp][] = [
    [{ 'Content-Security-Policy': policy.replace("default-src 'none'", "default-src 'self'") }, /default-src/],
    [{ 'Content-Security-Policy': policy.replace('script-src ', "script-src 'unsafe-inline' ") }, /script-src lets in 'unsafe-inline'/],
    [{ 'Content-Security-Policy': policy.replace('style-src ', 'style-src https: ') }, /style-src lets in https:/],
    [{ 'Content-Security-Policy': policy.replace('img-src data:', 'img-src *') }, /img-src lets in \*/],
    [{ 'Content-Security-Policy': policy.replace('script-src ', 'script-src data: ') }, /script-src lets in data:/],
    [{ 'Content-Security-Policy': policy.replace("frame-ancestors 'none'", '') }, /frame-ancestors/],
    [{ 'Content-Security-Policy': policy.replace("base-uri 'none'", '') }, /base-uri/],
    [{ 'Content-Security-Policy': policy.replace("form-action 'none'", "form-action 'self'") }, /form-action/],
    [{ 'X-Content-Type-Options': 'x' }, /guessed/],
    [{ 'Referrer-Policy': 'origin' }, /told/],
  ];
  for (const [change, problem] of weaker) assert.match(problems(change).join(), problem);
  assert.deepEqual(policyProblems(new Headers()), ['it has no Content-Security-Policy']);
});
