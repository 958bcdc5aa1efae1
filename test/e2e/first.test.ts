import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app } from '../support/apps.ts';
import { untilComment, untilNothingLeft, untilServes, withWorld } from '../support/world.ts';

test('an opened pull request gets a live address, a comment and a deployment; closed, it leaves nothing', async () => {
  await withWorld(async (world) => {
    const { github } = world;
    const repository = await github.createRepository({ owner: 'acme', name: 'shop', files: app({ text: 'the shop of main' }) });
    await github.commit({ repository, branch: 'feature/first', files: app({ text: 'the first feature' }) });
    const pull = await github.openPullRequest({ repository, head: 'feature/first', title: 'A first feature' });

    const answer = await untilServes(world, 'project-1-feature-first', 'the first feature');
    assert.equal(answer.headers['x-kosuke-commit'], pull.head.sha);
    assert.equal(answer.headers['x-robots-tag'], 'noindex');

    const url = world.url('project-1-feature-first');
    const comment = await untilComment(world, repository, pull.number, /Running/);
    assert.ok(comment.body.includes(url), comment.body);
    const [deployment, ...others] = github.deployments(repository);
    assert.deepEqual(others, []);
    assert.equal(deployment?.sha, pull.head.sha);
    assert.deepEqual(
      deployment.statuses.map(({ state, environmentUrl }) => ({ state, environmentUrl })),
      [
        { state: 'in_progress', environmentUrl: '' },
        { state: 'success', environmentUrl: url },
      ],
    );

    await github.closePullRequest({ repository, number: pull.number });
    await untilComment(world, repository, pull.number, /removed/);
    await untilNothingLeft(world);
    assert.equal((await world.get('project-1-feature-first')).status, 410);
  });
});
