import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { openServing, untilStatuses, type Story } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { remainsOf, untilComment, untilServes, useWorld, type World } from '../support/world.ts';

describe('a broken push', { concurrency: 3 }, () => {
  const world = useWorld({ HEALTH_TIMEOUT: '3s' });

  test('that does not build: the old version serves, the comment says why, and the next push repairs it', async (context) => {
    const story = await openServing(world(), { repository: 'unbuildable', text: 'old' });
    await brokenThenFixed(context, world(), story, {
      files: app({ text: 'broken', instruction: 'RUN echo this line tells why && exit 3' }),
      says: [/Running; the newer version failed/, /failed\. The build failed/, /this line tells why/, /keeps serving/],
    });
  });

  test('that builds and exits: the same', async (context) => {
    const story = await openServing(world(), { repository: 'exiting', text: 'old' });
    await brokenThenFixed(context, world(), story, {
      files: app({ text: 'broken', delay: 1, exits: { code: 7, says: 'this line tells why' } }),
      says: [/Running; the newer version failed/, /exited with code 7/, /this line tells why/, /keeps serving/],
    });
  });

  test('that builds and never answers: the same', async (context) => {
    const story = await openServing(world(), { repository: 'mute', text: 'old' });
    await brokenThenFixed(context, world(), story, {
      files: app({ text: 'broken', silent: true }),
      says: [/Running; the newer version failed/, /did not answer on port 3000 within 3 s/, /keeps serving/],
    });
  });
});

async function brokenThenFixed(context: TestContext, world: World, story: Story, { files, says }: { files: ReturnType<typeof app>; says: RegExp[] }): Promise<void> {
  const { github } = world;
  const { repository, branch, pull, host } = story;
  const before = await remainsOf(world, host);
  const coming = visitors(context, world, host, { everyMs: 20 });
  const broken = await github.commit({ repository, branch, files });
  const { body } = await untilComment(world, repository, pull.number, /the newer version failed/);
  for (const words of says) assert.match(body, words);
  assert.ok(body.includes(broken.slice(0, 7)) && body.includes(pull.head.sha.slice(0, 7)), body);
  const deployment = await untilStatuses(world, { repository }, broken, ['in_progress', 'failure']);
  assert.notEqual(deployment.statuses.at(-1)?.description, '');
  await untilServes(world, host, 'old');
  await eventually('nothing of the broken version is left', async () => {
    assert.deepEqual(await remainsOf(world, host), before);
    return true;
  });

  const fixed = await github.commit({ repository, branch, files: app({ text: 'fixed' }) });
  await coming.untilMet('fixed');
  const met = tally(await coming.stop());
  assert.deepEqual(Object.keys(met), ['old', 'fixed'], JSON.stringify(met));
  await untilComment(world, repository, pull.number, new RegExp(`${fixed.slice(0, 7)}.* is live`));
  await untilStatuses(world, { repository }, fixed, ['in_progress', 'success']);
}
