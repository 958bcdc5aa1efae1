import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { before, describe, test } from 'node:test';
import { app, slowStep } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { nextEvent, nextHold, nextLine } from '../support/moments.ts';
import { processesWith } from '../support/processes.ts';
import { openPull, openServing, untilRunning, type Story } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { holds, untilAnswers, untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

type Step = {
  name: string;
  /** Waited for from before the push. */
  moment: (world: World, host: string) => Promise<unknown>;
  /** What it was in the middle of: whether the host is held, and how many containers it has. */
  held: boolean;
  containers: number;
};

const steps: Step[] = [
  { name: 'the hold is written', held: true, containers: 1, moment: (world) => nextHold(world, 'written') },
  { name: 'the new container is created', held: true, containers: 2, moment: (world, host) => nextEvent(world, host, 'create') },
  { name: 'the new container is started', held: true, containers: 2, moment: (world, host) => nextEvent(world, host, 'start') },
  {
    name: 'the new version is probed',
    held: true,
    containers: 2,
    moment: async (world, host) => {
      await nextLine(world, 'started', host);
      await delay(300);
    },
  },
  { name: 'the hold is released', held: false, containers: 2, moment: (world) => nextHold(world, 'gone') },
  { name: 'the new version is live and the old one is not removed', held: false, containers: 2, moment: (world, host) => nextLine(world, 'live', host) },
];

describe('the program is killed', () => {
  const world = useWorld();
  const stories: Story[] = [];
  const switched: { story: Story; sha: string }[] = [];
  before(async () => {
    stories.push(...(await Promise.all(steps.map((_, at) => openServing(world(), { repository: `killed-${at}`, text: 'old' })))));
  });

  for (const [at, { name, moment, held, containers }] of steps.entries()) {
    test(`when ${name}: visitors meet the old or the new version only, and it goes on where it was`, async (context) => {
      const story = stories[at]!;
      const { repository, branch, host } = story;
      const coming = visitors(context, world(), host);
      const reached = moment(world(), host);
      const sha = await world().github.commit({ repository, branch, files: app({ text: 'new', delay: 1 }) });
      await reached;
      await world().program.kill();
      assert.deepEqual([await holds(world()), (await containersOf(world(), host)).length], [held ? [`${host}.kosuke.localhost`] : [], containers]);
      await delay(1_000);
      await world().program.start();
      await coming.untilMet('new');
      await untilRunning(world(), host);
      const met = tally(await coming.stop());
      assert.deepEqual(Object.keys(met), ['old', 'new'], JSON.stringify(met));
      switched.push({ story, sha });
    });
  }

  test('and everything ends as without that: one container a preview, no hold, one comment, one success', async () => {
    assert.equal(switched.length, steps.length);
    for (const { story, sha } of switched) {
      const { repository, pull, host } = story;
      await eventually(
        `only the new version of ${host} is left`,
        async () => {
          const deployment = (await world().get(host)).headers['x-kosuke-deployment'];
          assert.deepEqual(await containersOf(world(), host), [`kosuke-preview-${host}-${deployment}`]);
          return true;
        },
        { within: 20_000 },
      );
      await untilComment(world(), repository, pull.number, new RegExp(`🟢 Running \\|.*${sha.slice(0, 7)}.* is live`, 's'));
      const statuses = world().github.deployments(repository).filter((each) => each.sha === sha).map((each) => each.statuses.at(-1)?.state);
      assert.deepEqual(statuses, ['success']);
      assert.deepEqual(world().github.deployments(repository)[0]?.statuses.at(-1)?.state, 'inactive');
    }
    // An image goes one pass after the container that was made of it.
    await eventually('nothing else is left', async () => {
      const { containers, networks, images } = await world().remains();
      assert.deepEqual([containers.length, networks.length, images.length], [steps.length, steps.length, steps.length], JSON.stringify({ containers, networks, images }));
      assert.deepEqual(await holds(world()), []);
      return true;
    }, { within: 20_000 });
  });

  test('while the first version is coming up: the gate is there again within 5 s of the restart', async () => {
    const reached = nextLine(world(), 'started');
    const story = await openPull(world(), { repository: 'first', files: app({ text: 'first of all', delay: 4 }) });
    await reached;
    await world().program.kill();
    const restarted = performance.now();
    const started = world().program.start();
    await eventually('the gate answers', async () => (await world().get(story.host)).headers['x-kosuke-state'] !== undefined);
    const waited = performance.now() - restarted;
    assert.ok(waited < 5_000, `it took ${Math.round(waited)} ms`);
    await started;
    await untilServes(world(), story.host, 'first of all');
  });

  test('during a build: it is built again, and goes live', async () => {
    const files = app({ text: 'built after all', instruction: slowStep(3) });
    const story = await openPull(world(), { repository: 'building', files });
    await eventually('it is in its slow step', async () => (await processesWith('sleep 3')).length > 0);
    await world().program.kill();
    await world().program.start();
    await untilServes(world(), story.host, 'built after all');
    await untilComment(world(), story.repository, story.pull.number, /Running/);
    assert.equal(world().github.deployments(story.repository).length, 1);
  });

  test('during a removal: it is removed', async () => {
    const story = await openServing(world(), { repository: 'removing' });
    const reached = nextHold(world(), 'written');
    await world().github.closePullRequest({ repository: story.repository, number: story.pull.number });
    await reached;
    await world().program.kill();
    await world().program.start();
    await untilComment(world(), story.repository, story.pull.number, /the preview was removed/);
    await untilAnswers(world(), story.host, 410, '');
    await untilNothingLeft(world(), story.host);
  });
});

async function containersOf(world: World, host: string): Promise<string[]> {
  return (await world.remains()).containers.filter((name) => name.startsWith(`kosuke-preview-${host}-`));
}
