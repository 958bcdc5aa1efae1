import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { labelKeys } from '../../src/domain/labels.ts';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { openServing, untilRunning } from '../support/story.ts';
import { untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

describe('what somebody does on the engine by hand', () => {
  const world = useWorld();

  test('stopped and removed containers of a preview come back', async () => {
    const { github } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'handled', text: 'here' });
    const acts: Record<string, (id: string) => Promise<unknown>> = {
      stop: (id) => world().docker.getContainer(id).stop({ t: 1 }),
      'remove by force': (id) => world().docker.getContainer(id).remove({ force: true }),
    };
    for (const [name, act] of Object.entries(acts)) {
      const before = await startedAt(world(), host);
      await act(await containerOf(world(), host));
      await eventually(`it is started again after: ${name}`, async () => (await startedAt(world(), host)) !== before, { within: 30_000 });
      await untilServes(world(), host, 'here');
      await untilRunning(world(), host);
    }
    await github.closePullRequest({ repository, number: pull.number });
    await untilNothingLeft(world(), host);
  });

  test('a container that somebody kills is no crash of its app: it comes back at once, each time', async () => {
    const { docker, github, program } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'killed', text: 'here' });
    for (let kills = 1; kills <= 5; kills += 1) {
      const before = await startedAt(world(), host);
      await docker.getContainer(await containerOf(world(), host)).kill();
      await eventually(`it is started again after kill ${kills}`, async () => (await startedAt(world(), host)) !== before, { within: 5_000 });
      await untilServes(world(), host, 'here');
      await untilRunning(world(), host);
    }
    assert.deepEqual(program.lines().filter(({ msg }) => msg === 'the app crashed'), []);
    await github.closePullRequest({ repository, number: pull.number });
    await untilNothingLeft(world(), host);
  });

  test('a preview that sleeps and is started sleeps again', async () => {
    const { github } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'sleeper', text: 'awake' });
    const operations = await world().program.operations();
    assert.ok((await operations.sleep({ preview: { kind: 'host', hostLabel: host } })).ok);
    const id = await containerOf(world(), host);
    await world().docker.getContainer(id).start();
    await eventually('it is stopped again', async () => !(await world().docker.getContainer(id).inspect()).State.Running, { within: 30_000 });
    await eventually('its page says that it sleeps', async () => (await world().get(host)).headers['x-kosuke-state'] === 'asleep');
    await github.closePullRequest({ repository, number: pull.number });
    await untilNothingLeft(world(), host);
  });

  test('the network of a preview that was removed is there again with its next version, and that serves', async () => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'netless', text: 'first' });
    const network = world().docker.getNetwork(`kosuke-preview-${host}`);
    await network.disconnect({ Container: await containerOf(world(), host), Force: true });
    await network.remove();
    await github.commit({ repository, branch, files: app({ text: 'second' }) });
    await untilServes(world(), host, 'second');
    await github.closePullRequest({ repository, number: pull.number });
    await untilNothingLeft(world(), host);
  });

  test('a preview that sleeps wakes though `docker network prune` took its network', async () => {
    const { docker, github } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'pruned', text: 'slept well' });
    const operations = await world().program.operations();
    const preview = { kind: 'host', hostLabel: host } as const;
    assert.ok((await operations.sleep({ preview })).ok);
    // As prune does with each that nothing runs in; that of others stays.
    await docker.getNetwork(`kosuke-preview-${host}`).remove();
    assert.ok((await operations.wake({ preview })).ok);
    await untilServes(world(), host, 'slept well');
    await untilRunning(world(), host);
    await github.closePullRequest({ repository, number: pull.number });
    await untilNothingLeft(world(), host);
  });

  test('what carries our labels with another mark, or our names without it, is never touched', async () => {
    const { docker, instance } = world();
    const { repository, pull, host } = await openServing(world(), { repository: 'foreign', text: 'ours' });
    const { Labels: labels } = (await docker.getContainer(await containerOf(world(), host)).inspect()).Config;
    const forged = await foreign(world(), `${instance}-foreign`, { ...labels, [labelKeys.instance]: `${instance}x`, 'traefik.enable': 'false' });
    const named = await foreign(world(), `kosuke-preview-${host}-999999`, {});
    const network = await docker.createNetwork({ Name: `kosuke-preview-${host}-foreign`, Labels: { [labelKeys.instance]: `${instance}x` } });
    try {
      const operations = await world().program.operations();
      assert.ok((await operations.sweep()).ok);
      assert.match((await world().get(host)).text, /ours/);
      await world().github.closePullRequest({ repository, number: pull.number });
      await untilNothingLeft(world(), host);
      assert.ok((await operations.sweep()).ok);
      for (const container of [forged, named]) assert.equal((await container.inspect()).State.Running, true);
      await network.inspect();
    } finally {
      for (const container of [forged, named]) await container.remove({ force: true });
      await network.remove();
    }
  });
});

async function containerOf({ docker, instance }: World, host: string): Promise<string> {
  const containers = await docker.listContainers({ all: true, filters: { label: [`${labelKeys.instance}=${instance}`] } });
  const found = containers.find(({ Names: names }) => names.some((name) => name.startsWith(`/kosuke-preview-${host}-`)));
  if (found === undefined) throw new Error(`no container of ${host}`);
  return found.Id;
}

/** Of the container that the preview has now; nothing while there is none. */
async function startedAt(world: World, host: string): Promise<string> {
  return (await world.docker.getContainer(await containerOf(world, host)).inspect()).State.StartedAt;
}

async function foreign({ docker }: World, name: string, labels: Record<string, string>) {
  const container = await docker.createContainer({ name, Image: 'busybox:1.37', Cmd: ['sleep', '600'], Labels: labels, HostConfig: { NetworkMode: 'none' } });
  await container.start();
  return container;
}
