import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { ContractBroken, type LocalGitHubOptions } from '../../../src/demo/github/index.ts';
import { appJwt, installationToken, provoked, rest, startHarness } from './harness.ts';

async function shop(t: TestContext, options: Partial<LocalGitHubOptions> = {}) {
  const { github, dir } = await startHarness(t, options);
  const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: { a: 'a' } });
  await github.commit({ repository, branch: 'b', files: { b: 'b' } });
  await github.openPullRequest({ repository, head: 'b' });
  const token = await installationToken(github, 'acme');
  const ask = (method: string, path: string, body?: unknown) => rest(github, token, method, `/repos/acme/shop${path}`, { body });
  return { github, repository, dir, token, ask };
}

describe('what is not as GitHub describes it is caught', () => {
  const requests: [what: string, method: string, path: string, body: unknown, found: RegExp][] = [
    ['a body field', 'POST', '/deployments', { ref: 'b', auto_merge: false, required_contexts: [], colour: 'red' }, /^request body \/colour: no such field$/],
    ['a body field of another kind', 'POST', '/deployments', { ref: 'b', auto_merge: 'no', required_contexts: [] }, /^request body \/auto_merge: boolean, not "no"$/],
    ['a body without a field that is needed', 'POST', '/issues/1/comments', {}, /^request body \/body: this field$/],
    ['no body where one is needed', 'POST', '/issues/1/comments', undefined, /^request body: a body$/],
    ['a body where none is described', 'DELETE', '/issues/comments/1', { sure: true }, /^request body: no body$/],
    ['a body that is not JSON', 'POST', '/issues/1/comments', '{"body":', /^request body: a JSON object$/],
    ['a query parameter', 'GET', '/pulls?sate=all', undefined, /^query \/sate: no such field$/],
    ['the value of a query parameter', 'GET', '/pulls?sort=size', undefined, /^query \/sort: one of \["created","updated","popularity","long-running"\], not "size"$/],
    ['a query parameter that is no number', 'GET', '/branches?per_page=all', undefined, /^query \/per_page: integer, not "all"$/],
    ['a part of the path that is no number', 'GET', '/pulls/first', undefined, /^path \/pull_number: integer, not "first"$/],
    ['an address', 'GET', '/topics', undefined, /^address: one that GitHub describes/],
  ];
  for (const [what, method, path, body, found] of requests) {
    test(`in a request: ${what}`, async (t) => {
      const { github, ask } = await shop(t);
      await ask(method, path, body);
      const list = provoked(github);
      assert.equal(list.length, 1, list.join('\n'));
      assert.match(list[0]!, found);
    });
  }

  test('in a request: a field deep in the body, but not in what may hold anything', async (t) => {
    const { github, ask } = await shop(t);
    const wanted = { ref: 'b', auto_merge: false, required_contexts: [], payload: { any: { thing: 1 } } };
    assert.equal((await ask('POST', '/deployments', wanted)).status, 201);
    assert.deepEqual(github.violations(), []);
    await rest(github, appJwt(github), 'POST', `/app/installations/${await installationOf(github)}/access_tokens`, { body: { permissions: { contens: 'read' } } });
    assert.deepEqual(provoked(github), ['request body /permissions/contens: no such field']);
  });

  test('in a request whose answer a test makes up, and not in that answer', async (t) => {
    const { github, ask } = await shop(t);
    for (const verdict of [{ status: 418, body: { tea: true } }, 'drop'] as const) {
      github.intercept(({ kind }) => (kind === 'rest' ? verdict : undefined));
      const asked = ask('PATCH', '/issues/comments/1', { body: 'x', colour: 'red' });
      await (verdict === 'drop' ? assert.rejects(asked, /fetch failed/) : asked);
      github.intercept(undefined);
      assert.deepEqual(provoked(github), ['request body /colour: no such field']);
    }
  });

  test('in an answer', async (t) => {
    const { github } = await startHarness(t, { app: { name: 5 as unknown as string } });
    await rest(github, appJwt(github), 'GET', '/app');
    const [violation, ...more] = github.takeViolations();
    assert.deepEqual([violation, more], [{ exchange: 'GET /app', where: 'answer 200 /name', expected: 'string, not 5', times: 1 }, []]);
  });

  test('in a webhook', async (t) => {
    const { github, repository } = await shop(t);
    await github.editPullRequest({ repository, number: 1, title: 5 as unknown as string });
    await github.delivered();
    assert.deepEqual(github.takeViolations().map(({ exchange, where, expected }) => `${exchange}: ${where}: ${expected}`), [
      'webhook pull_request.edited: payload /pull_request/title: string, not 5',
    ]);
  });

  test('when the local GitHub itself fails', async (t) => {
    const { github, dir, repository, ask } = await shop(t);
    await rm(join(dir, 'repositories', `${repository.id}.git`), { recursive: true });
    assert.equal((await ask('GET', '/commits/heads/b')).status, 500);
    const list = provoked(github);
    assert.equal(list.length, 1, list.join('\n'));
    assert.match(list[0]!, /^answer 500: an answer, not /);
  });

  test('and makes the end of the local GitHub fail, with the whole list', async (t) => {
    const { github, ask } = await shop(t);
    await ask('GET', '/pulls?sate=all');
    await ask('GET', '/pulls?sate=all');
    await ask('POST', '/issues/1/comments', { body: 'x', colour: 'red' });
    await assert.rejects(github.close(), (error: unknown) => {
      assert.ok(error instanceof ContractBroken);
      assert.match(error.message, /\n {2}GET \/repos\/\{owner\}\/\{repo\}\/pulls: query \/sate: expected no such field \(2 times\)\n {2}POST .*\/comments: request body \/colour: expected no such field$/);
      return true;
    });
    github.takeViolations();
    await github.close();
  });

  test('unless it is told not to look, as for measurements', async (t) => {
    const { github, ask } = await shop(t, { checkContract: false });
    await ask('GET', '/pulls?sate=all');
    await github.delivered();
    assert.deepEqual(github.violations(), []);
  });
});

async function installationOf(github: Awaited<ReturnType<typeof shop>>['github']): Promise<number> {
  return ((await rest(github, appJwt(github), 'GET', '/app/installations')).body as { id: number }[])[0]!.id;
}
