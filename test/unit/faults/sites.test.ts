import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { shapeOf, siteOf } from '../../faults/lab/inside/sites.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('a call is named by the line of src that makes it, past the wrappers that every call goes through', () => {
  const error = new Error('here');
  error.stack = `Error: here\n    at dial (${root}test/faults/lab/inside/watch-calls.ts:1:2)\n    at ask (file://${root}src/docker/call.ts:27:18)\n    at create (file://${root}src/docker/create.ts:57:3)`;
  assert.equal(siteOf(error), 'src/docker/create.ts:57');
  assert.equal(siteOf(new Error('nothing of src is on this stack')), null);
});

test('what is asked for is named without ids and names', () => {
  assert.equal(shapeOf('POST', '/v1.41/containers/4f3a/start?t=1'), 'POST /containers/*/start');
  assert.equal(shapeOf('POST', '/containers/create?name=x'), 'POST /containers/create');
  assert.equal(shapeOf('GET', '/repos/acme/shop/pulls/12'), 'GET /repos/*/pulls/*');
  assert.equal(shapeOf('GET', '/repos/acme/shop/git/ref/heads/x'), 'GET /repos/*/git/ref/*/*');
});
