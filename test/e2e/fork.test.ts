import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { newRepository } from '../support/story.ts';
import { untilComment, untilNothingLeft, untilServes, useWorld } from '../support/world.ts';

describe('a pull request from a fork', () => {
  const world = useWorld();

  test('is not run, and its comment says so and what can be done', async () => {
    const { github, program } = world();
    const repository = await newRepository(world(), 'forked');
    const fork = await github.forkRepository({ repository, owner: 'mallory' });
    await github.commit({ repository: fork, branch: 'evil', files: app({ text: 'from outside' }), author: 'mallory' });
    const pull = await github.openPullRequest({ repository, head: 'evil', headRepository: fork, author: 'mallory' });

    const comment = await untilComment(world(), repository, pull.number, /Forks are not run in this version/);
    assert.match(comment.body, /A maintainer can push the commit to a branch of this repository/);
    assert.match(comment.body, /No preview/);
    assert.ok(!comment.body.includes('](http://project-'), comment.body);

    const pushed = await github.commit({ repository: fork, branch: 'evil', files: app({ text: 'from outside again' }), author: 'mallory' });
    await github.delivered();
    await eventually('the push was looked at', async () => {
      const operations = await program.operations();
      const swept = await operations.sweep();
      return swept.ok && swept.value.problems.length === 0;
    });
    await untilNothingLeft(world());
    assert.deepEqual(github.deployments(repository), []);
    assert.deepEqual(github.comments(repository, pull.number).map(({ id }) => id), [comment.id]);
    const refused = await world().get('project-1-pr-1');
    assert.deepEqual([refused.status, refused.headers['x-kosuke-state']], [404, 'refused']);

    await github.forcePush({ repository, branch: 'reviewed', to: pushed });
    await untilServes(world(), 'project-1-reviewed', 'from outside again');
  });
});
