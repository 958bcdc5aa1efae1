import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { commentMarker } from '../../src/domain/comment.ts';
import { openServing, untilStatuses, type Story } from '../support/story.ts';
import { holds, untilComment, useWorld } from '../support/world.ts';

describe('an opened pull request', () => {
  const world = useWorld();
  let story: Story;
  before(async () => {
    story = await openServing(world(), { repository: 'shop', branch: 'feature/first', text: 'the first feature' });
  });

  test('has its preview at its address through Traefik, with the headers of the contract', async () => {
    assert.match(story.host, /^project-\d+-feature-first$/);
    const { status, text, headers } = await world().get(story.host);
    assert.equal(status, 200);
    assert.match(text, /the first feature/);
    assert.equal(headers['x-kosuke-commit'], story.pull.head.sha);
    assert.equal(headers['x-robots-tag'], 'noindex');
    assert.match(headers['x-kosuke-deployment'] ?? '', /^\d+$/);
    assert.equal(headers['x-kosuke-state'], undefined);
    assert.equal(headers['x-kosuke-hold'], undefined);
    assert.deepEqual(await holds(world()), []);

    const said: unknown = JSON.parse((await world().get(story.host, { path: '/_kosuke/status' })).text);
    assert.deepEqual(said, {
      host: `${story.host}.kosuke.localhost`,
      state: 'running',
      sha: story.pull.head.sha,
      deployment: Number(headers['x-kosuke-deployment']),
      url: world().url(story.host),
    });
  });

  test('has one comment, there within 5 s of the webhook and edited in place', async () => {
    const { github } = world();
    const { repository, pull } = story;
    const opened = github.deliveries().find(({ event, action }) => event === 'pull_request' && action === 'opened');
    assert.ok(opened !== undefined && opened.status === 202, `the webhook was answered with ${opened?.status}`);
    const comment = await untilComment(world(), repository, pull.number, /Running/);
    const waited = comment.createdAt.getTime() - opened.at.getTime();
    assert.ok(waited < 5_000, `the comment came after ${waited} ms`);
    assert.ok(comment.edits >= 1 && comment.edits <= 3, `it was edited ${comment.edits} times`);
    assert.equal(github.comments(repository, pull.number).length, 1);
    assert.ok(comment.body.startsWith(commentMarker), comment.body);
    assert.ok(comment.body.includes(`](${world().url(story.host)})`), comment.body);
    assert.ok(comment.body.includes(pull.head.sha.slice(0, 7)), comment.body);
    assert.match(comment.body, /is live, ready in \d+(\.\d)? s/);
  });

  test('has one deployment of the environment Preview, in progress and then a success, with few requests', async () => {
    const { github } = world();
    const deployment = await untilStatuses(world(), story, story.pull.head.sha, ['in_progress', 'success']);
    assert.equal(deployment.environment, 'Preview');
    assert.equal(deployment.transient, true);
    assert.equal(deployment.production, false);
    assert.deepEqual(deployment.statuses.map(({ environmentUrl }) => environmentUrl), ['', world().url(story.host)]);
    const posts = github.requests().filter(({ method, path }) => method === 'POST' && /deployments|comments/.test(path));
    assert.deepEqual(
      posts.map(({ path, status }) => `${status} ${path}`).toSorted(),
      [
        '201 /repos/{owner}/{repo}/deployments',
        '201 /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
        '201 /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
        '201 /repos/{owner}/{repo}/issues/{issue_number}/comments',
      ],
    );
  });

  test('has its build log at the address of the statuses, and at no other', async () => {
    const deployment = await untilStatuses(world(), story, story.pull.head.sha, ['in_progress', 'success']);
    const addresses = new Set(deployment.statuses.map(({ logUrl }) => logUrl));
    assert.equal(addresses.size, 1);
    const [address = ''] = addresses;
    const page = await world().get(address, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.text, /COPY index\.html \/www\/index\.html/);
    assert.match(page.text, /<title>Live/);
    const text = await world().get(`${address}?format=text`);
    assert.match(text.text, /==> .*COPY index\.html/);
    assert.match(text.text, /Image ready, the app is expected on port 3000/);

    const wrong = address.slice(0, -1) + (address.endsWith('A') ? 'B' : 'A');
    assert.equal((await world().get(wrong)).status, 404);
    assert.equal((await world().get(new URL('/logs/', address).href)).status, 404);
  });

  test('leaves a page of the gate at hosts where there is nothing', async () => {
    const { status, headers } = await world().get('project-999-nothing');
    assert.equal(status, 404);
    assert.equal(headers['x-kosuke-state'], 'unknown');
  });
});
