import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContractBroken, createContract } from '../../../src/demo/github/contract/contract.ts';
import { checkExchange, type Exchange } from '../../../src/demo/github/contract/rest.ts';
import { checkWebhook } from '../../../src/demo/github/contract/webhooks.ts';

const exchange = (change: Partial<Exchange>): Exchange => ({
  method: 'GET',
  path: '/repos/acme/shop/git/ref/heads%2Fa',
  query: new URLSearchParams(),
  contentType: undefined,
  body: { kind: 'none' },
  conditional: false,
  answer: null,
  ...change,
});
const refusal = (status: number, change: object = {}) => ({
  answer: { status, contentType: 'application/json; charset=utf-8', location: undefined, text: '{"message":"no"}', ...change },
});
const json = (value: Record<string, unknown>) => ({ kind: 'json', value }) as const;
const comments = { method: 'POST', path: '/repos/acme/shop/issues/1/comments' };

describe('an exchange with the local GitHub', () => {
  const table: [what: string, change: Partial<Exchange>, found: string[]][] = [
    ['is found by its path, in which a ref may have slashes', { path: '/repos/acme/shop/git/ref/heads/a/b' }, []],
    ['is found by the number of a repository, to which GitHub redirects', { path: '/repositories/7/git/ref/heads%2Fa' }, []],
    ['is not found in other places', { path: '/repositories/seven/git/ref/a' }, ['address']],
    ['is not found by another method', { method: 'PUT' }, ['address']],
    ['is not found behind something', { path: '/x/repos/acme/shop' }, ['address']],
    ['has numbers in its query as text', { path: '/repos/acme/shop/branches', query: new URLSearchParams({ per_page: '100', protected: 'true' }) }, []],
    ['has a JSON body that says so', { ...comments, contentType: 'application/json; charset=utf-8', body: json({ body: 'x' }) }, []],
    ['has no body of another type', { ...comments, contentType: 'text/plain', body: json({ body: 'x' }) }, ['request']],
    ['may be refused in the ways in which GitHub refuses anything', refusal(401), []],
    ['is not refused in other ways', refusal(418), ['answer 418']],
    ['is refused in words that GitHub describes', refusal(404, { text: '{"message":"no","reason":"none"}' }), ['answer 404 /reason']],
    ['is refused in JSON', refusal(403, { text: '<html>' }), ['answer 403']],
    ['is answered in a type that says so', refusal(403, { contentType: 'text/html' }), ['answer 403']],
    ['is redirected to somewhere', { path: '/repos/acme/shop', ...refusal(301, { location: 'http://x.test/' }) }, []],
    ['is not redirected to nowhere', { path: '/repos/acme/shop', ...refusal(301) }, ['answer 301']],
    ['may be unchanged when that was the question', { conditional: true, ...refusal(304, { text: '', contentType: undefined }) }, []],
    ['is not unchanged otherwise, nor with a body', refusal(304), ['answer 304', 'answer 304']],
    ['has no answer where none is described', { method: 'DELETE', path: '/repos/acme/shop/issues/comments/1', ...refusal(204) }, ['answer 204']],
  ];
  for (const [what, change, found] of table) {
    test(what, () => assert.deepEqual(checkExchange(exchange(change)).problems.map(({ where }) => where), found));
  }
});

describe('a webhook of the local GitHub', () => {
  const headers = {
    'User-Agent': 'GitHub-Hookshot/1a2b3c4', 'X-GitHub-Delivery': '1', 'X-GitHub-Event': 'ping', 'X-GitHub-Hook-ID': '1',
    'X-GitHub-Hook-Installation-Target-ID': '1', 'X-GitHub-Hook-Installation-Target-Type': 'integration', 'X-Hub-Signature-256': 'sha256=0',
  };
  const check = (change: Record<string, string>, payload: object) => checkWebhook({ headers: { ...headers, ...change }, body: JSON.stringify(payload) });

  test('is found by event and action, and checked with its headers', () => {
    assert.deepEqual(check({}, { zen: 'x', hook_id: 1 }), { name: 'webhook ping', problems: [] });
    const { 'X-GitHub-Delivery': _guid, ...lacking } = headers;
    assert.deepEqual(checkWebhook({ headers: lacking, body: '{"zen":"x"}' }).problems, [{ where: 'header /x-github-delivery', expected: 'this field' }]);
    assert.deepEqual(check({}, { zen: 'x', colour: 'red' }).problems, [{ where: 'payload /colour', expected: 'no such field' }]);
  });

  test('that GitHub does not describe, or of which we know nothing, is not right', () => {
    const { name, problems } = check({ 'X-GitHub-Event': 'pull_request' }, { action: 'befriended' });
    assert.deepEqual([name, problems.map(({ where }) => where)], ['webhook pull_request.befriended', ['event']]);
  });
});

test('what was wrong is kept once, with how often, until it is taken', () => {
  const contract = createContract({ checkContract: true });
  for (let times = 0; times < 3; times += 1) contract.exchange(exchange({ method: 'PUT' }));
  contract.failed('GET', '/x', new Error('no disk'));
  const [first, second, ...more] = contract.violations();
  assert.deepEqual([first?.exchange, first?.where, first?.times], ['PUT /repos/acme/shop/git/ref/heads%2Fa', 'address', 3]);
  assert.deepEqual([second?.expected, more], ['an answer, not no disk', []]);
  assert.match(new ContractBroken(contract.take()).message, /\(3 times\)\n {2}GET \/x: answer 500: expected an answer, not no disk$/);
  assert.deepEqual(contract.violations(), []);
  const off = createContract({ checkContract: false });
  off.exchange(exchange({ method: 'PUT' }));
  off.failed('GET', '/x', new Error('no disk'));
  assert.deepEqual(off.violations(), []);
});
