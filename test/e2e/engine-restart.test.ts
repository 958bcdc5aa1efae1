import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { instanceFilter } from '../../src/domain/labels.ts';
import { app, slowStep } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { nextLine } from '../support/moments.ts';
import { type OwnEngine, startOwnEngine, subnetsOfOwnEngine } from '../support/own-engine.ts';
import { openServing, untilRunning, untilStatuses, type Story } from '../support/story.ts';
import { untilComment, untilNothingLeft, untilServes, useWorld } from '../support/world.ts';

describe('when the Docker Engine', () => {
  let engine: OwnEngine;
  let story: Story;
  const usual = process.env['DOCKER_HOST'];
  before(async () => {
    engine = await startOwnEngine(['busybox:1.37', 'traefik:v3.7.15']);
    process.env['DOCKER_HOST'] = engine.address;
  });
  const world = useWorld({ PREVIEW_SUBNETS: subnetsOfOwnEngine() });
  before(async () => {
    story = await openServing(world(), { repository: 'restarted', text: 'one' });
  });
  after(async () => {
    await engine?.close();
    if (usual === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = usual;
  });

  /** Traefik ran on that engine, too: as `restart: unless-stopped` does. */
  const traefikAgain = () => world().docker.getContainer(world().traefik!.containerId).start();
  const ready = async () => (await world().get(`http://127.0.0.1:${world().program.env['PORT']}/readyz`)).status;

  test('is stopped and started in mid-run, previews come back, and nobody takes it for a crash', async () => {
    const { repository, pull, host } = story;
    const { body: before } = await untilComment(world(), repository, pull.number, /is live/);
    await engine.stop();
    await eventually('readyz says so', async () => (await ready()) === 503);
    await engine.start();
    await traefikAgain();
    await untilServes(world(), host, 'one');
    await untilRunning(world(), host);
    await eventually('readyz is well again', async () => (await ready()) === 200, { within: 15_000 });
    assert.equal((await untilComment(world(), repository, pull.number, /is live/)).body, before);
    await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'success']);
    // After a second crash it would come back after 10 s only.
    const [found] = await world().docker.listContainers({ filters: { label: [instanceFilter(world().instance)] } });
    const container = world().docker.getContainer(found!.Id);
    const startedAt = async () => (await container.inspect()).State.StartedAt;
    const firstStart = await startedAt();
    await container.kill();
    await eventually('it crashed for the first time', async () => (await startedAt()) !== firstStart && (await world().get(host)).text.includes('one'), { within: 7_000 });
  });

  for (const [how, end] of [['stopped', 'stop'], ['killed', 'kill']] as const) {
    test(`is ${how} and started in mid-build, the build is made again and goes live`, async () => {
      const { repository, branch, host } = story;
      const text = `after it was ${how}`;
      const building = nextLine(world(), 'building', undefined);
      const sha = await world().github.commit({ repository, branch, files: app({ text, instruction: slowStep(3) }) });
      await building;
      await engine[end]();
      await engine.start();
      await traefikAgain();
      await untilServes(world(), host, text);
      await untilRunning(world(), host);
      const last = () => world().github.deployments(repository).find((each) => each.sha === sha)?.statuses.at(-1)?.state;
      await eventually('GitHub is told that it is live', () => last() === 'success', { within: 30_000 });
    });
  }

  test('has come and gone, a push that closes it leaves nothing', async () => {
    await world().github.closePullRequest({ repository: story.repository, number: story.pull.number });
    await untilNothingLeft(world());
  });
});
