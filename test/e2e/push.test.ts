import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { openServing, untilStatuses } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { remainsOf, untilComment, untilServes, useWorld } from '../support/world.ts';

describe('a push', { concurrency: 2 }, () => {
  const world = useWorld();

  test('shows the new version without one visitor meeting anything but the old or the new one', async (context) => {
    const { github } = world();
    const story = await openServing(world(), { repository: 'switch', text: 'old' });
    const { repository, branch, pull, host } = story;
    const coming = visitors(context, world(), host);
    const sha = await github.commit({ repository, branch, files: app({ text: 'new', delay: 1 }) });
    await coming.untilMet('new');
    const switched = performance.now();
    await eventually(
      'the container of the old version is gone after its drain',
      async () => (await remainsOf(world(), host)).filter((name) => name.startsWith(`kosuke-preview-${host}-`)).length === 1,
      { within: 20_000 },
    );
    const drained = performance.now() - switched;
    const met = tally(await coming.stop());
    assert.deepEqual(Object.keys(met), ['old', 'new'], JSON.stringify(met));
    assert.ok(met['old']! >= 20 && met['new']! >= 20, JSON.stringify(met));
    assert.ok(drained > 3_000, `the old version could finish its answers for ${Math.round(drained)} ms only`);

    await untilStatuses(world(), story, pull.head.sha, ['in_progress', 'success', 'inactive']);
    const deployment = await untilStatuses(world(), story, sha, ['in_progress', 'success']);
    assert.equal(deployment.statuses.at(-1)?.environmentUrl, world().url(host));
    const { body } = await untilComment(world(), repository, pull.number, new RegExp(`${sha.slice(0, 7)}.* is live`));
    assert.ok(!body.includes(pull.head.sha.slice(0, 7)), body);
    const serving = (await world().get(host)).headers['x-kosuke-deployment'];
    await eventually('one image, one container and one network are left', async () => {
      const [image, container, network, ...more] = (await remainsOf(world(), host)).toSorted((a, b) => b.length - a.length);
      assert.match(image ?? '', /^kosuke-preview\/\d+:/);
      assert.deepEqual([container, network, more], [`kosuke-preview-${host}-${serving}`, `kosuke-preview-${host}`, []]);
      return true;
    });
  });

  test('that is forced back to an earlier commit shows that commit again', async () => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'forced', text: 'first' });
    await github.commit({ repository, branch, files: app({ text: 'second' }) });
    await untilServes(world(), host, 'second');
    await github.forcePush({ repository, branch, to: pull.head.sha });
    await untilServes(world(), host, 'first');
    await untilComment(world(), repository, pull.number, new RegExp(`${pull.head.sha.slice(0, 7)}.* is live`));
  });
});
