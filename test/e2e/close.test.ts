import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { app, slowStep } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { processesWith } from '../support/processes.ts';
import { newRepository, openPull, openServing, untilStatuses } from '../support/story.ts';
import { remainsOf, untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

describe('a preview ends', { concurrency: 3 }, () => {
  const world = useWorld();

  test('with its pull request: nothing of it stays, and everybody is told', async () => {
    const { github } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'closing' });
    assert.equal((await remainsOf(world(), host)).length, 3, 'a container, a network and an image');
    const first = await untilComment(world(), repository, pull.number, /Running/);
    await github.closePullRequest({ repository, number: pull.number });
    const comment = await untilComment(world(), repository, pull.number, /Closed: the preview was removed/);
    assert.equal(comment.id, first.id);
    assert.ok(!comment.body.includes(world().url(host)), comment.body);
    await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'success', 'inactive']);
    await untilNothingLeft(world(), host);
    await isGone(world(), host);

    await github.reopenPullRequest({ repository, number: pull.number });
    await untilServes(world(), host, 'one');
    const again = await untilComment(world(), repository, pull.number, /Running/);
    assert.equal(again.id, first.id);
    await github.closePullRequest({ repository, number: pull.number });
    await untilComment(world(), repository, pull.number, /removed/);
    await untilNothingLeft(world(), host);
  });

  test('with its branch', async () => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'deleting' });
    await github.deleteBranch({ repository, branch });
    await untilComment(world(), repository, pull.number, /removed/);
    await untilNothingLeft(world(), host);
    await isGone(world(), host);
  });

  test('while it is being built, and never comes back', async () => {
    const { github } = world();
    const files = app({ text: 'too late', instruction: slowStep(7) });
    const { repository, pull, host } = await openPull(world(), { repository: 'early', files });
    await eventually('the build is in its slow step', async () => (await processesWith('sleep 7')).length > 0);
    const pastTheBuild = performance.now() + 8_000;
    await github.closePullRequest({ repository, number: pull.number });
    const closed = performance.now();
    await eventually('the build is stopped', async () => (await processesWith('sleep 7')).length === 0, { within: 4_000, every: 20 });
    assert.ok(performance.now() - closed < 2_000, `the build ran on for ${performance.now() - closed} ms`);
    await untilComment(world(), repository, pull.number, /removed/);
    await untilNothingLeft(world(), host);
    await eventually(
      'the time of the build is over',
      async () => {
        assert.deepEqual(await remainsOf(world(), host), []);
        await isGone(world(), host);
        return performance.now() > pastTheBuild;
      },
      { within: 20_000, every: 200 },
    );
    const [deployment] = github.deployments(repository);
    assert.equal(deployment?.statuses.at(-1)?.state, 'inactive');
  });

  test('and the preview of another branch with the same files keeps their image', async () => {
    const { github } = world();
    const repository = await newRepository(world(), 'twins');
    const one = await openServing(world(), { repository, branch: 'twin/one', text: 'the same' });
    const two = await openServing(world(), { repository, branch: 'twin/two', text: 'the same' });
    const shared = await remainsOf(world(), one.host);
    assert.equal(shared.length, 5, `two containers, two networks and one image: ${shared.join(', ')}`);
    const deployments = github.deployments(repository);
    const log = await world().get(`${deployments.at(-1)?.statuses[0]?.logUrl}?format=text`);
    assert.match(log.text, /The same files were built before/);

    await github.closePullRequest({ repository, number: one.pull.number });
    await untilComment(world(), repository, one.pull.number, /removed/);
    await eventually('only the other one and the image are left', async () => {
      assert.deepEqual(await remainsOf(world(), one.host), shared.filter((name) => !name.startsWith(`kosuke-preview-${one.host}`)));
      return true;
    });
    assert.match((await world().get(two.host)).text, /the same/);
    await github.closePullRequest({ repository, number: two.pull.number });
    await untilNothingLeft(world(), two.host);
  });

  test('when it is merged and its branch deleted, and what is merged is deployed from the main branch', async () => {
    const { github } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'merging', text: 'merged' });
    await github.mergePullRequest({ repository, number: pull.number, deleteBranch: true });
    await untilComment(world(), repository, pull.number, /removed/);
    await isGone(world(), host);
    const main = host.replace('feature-x', 'main');
    await untilServes(world(), main, 'merged');
    await eventually('nothing but the preview of main is left', async () => {
      const others = (await remainsOf(world(), host)).filter((name) => !name.includes('/') && !name.startsWith(`kosuke-preview-${main}`));
      if (others.length > 0) throw new Error(`there is still ${others.join(', ')}`);
      return true;
    });
    await github.deleteRepository(repository);
    await untilNothingLeft(world(), host);
  });
});

async function isGone(world: World, host: string): Promise<void> {
  const { status, headers } = await world.get(host);
  assert.deepEqual([status, headers['x-kosuke-state'], headers['x-kosuke-hold']], [410, 'removed', undefined]);
}
