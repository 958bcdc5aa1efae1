import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, before, describe, test } from 'node:test';
import type { Files } from '../../src/demo/github/index.ts';
import { app, slowStep } from '../support/apps.ts';
import { command, type Ran } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { openServing, untilRunning, type Story } from '../support/story.ts';
import { untilComment, untilServes, useWorld, type World } from '../support/world.ts';

let world: () => World;
/** Names of images, one for each time that the engine built one. */
const everBuilt: string[] = [];

describe('images', () => {
  world = useWorld({ LOG_LEVEL: 'debug' });
  before(() => {
    world().program.onLine(({ msg, image }) => {
      if (msg === 'image built') everBuilt.push(String(image));
    });
  });

  describe('the same files of a project', () => {
    test('are built once: for a second branch, for a push that changes none, and for one that goes back to files whose image is there', async () => {
      const files = once('shared');
      const one = await openServing(world(), { repository: 'twice', branch: 'one', files, text: 'shared' });
      const two = await openServing(world(), { repository: one.repository, branch: 'two', files, text: 'shared' });
      assert.equal(built(one).length, 1);
      assert.equal((await containerOf(one)).Image, (await containerOf(two)).Image);
      assert.match(await logOf(two), /The same files were built before: that image is used again/);

      const empty = await world().github.commit({ repository: one.repository, branch: 'one', message: 'Change nothing' });
      await untilLive(one, empty);
      assert.equal(built(one).length, 1);

      await untilLive(one, await world().github.commit({ repository: one.repository, branch: 'one', files: once('changed') }));
      assert.equal(built(one).length, 2);
      await untilLive(one, await world().github.commit({ repository: one.repository, branch: 'one', files }));
      await untilServes(world(), one.host, 'shared');
      assert.equal(built(one).length, 2);
    });

    test('that two branches bring at the same time are built once: one waits for the other', async () => {
      const files = once('both', slowStep(2));
      const one = await openServing(world(), { repository: 'at-once', branch: 'first', text: 'else' });
      const before = built(one).length;
      const names = ['a', 'b'];
      await Promise.all(names.map((branch) => world().github.commit({ repository: one.repository, branch, files })));
      const stories = await Promise.all(names.map(async (branch) => ({ ...one, branch, host: one.host.replace(/first$/, branch) })));
      for (const story of stories) await untilServes(world(), story.host, 'both');
      assert.equal(built(one).length, before + 1);
      const logs = await Promise.all(stories.map(logOf));
      assert.deepEqual(logs.map((log) => /this one waits for that image/.test(log)).toSorted(), [false, true]);
    });

    test('are not built again after a restart, nor after the program was killed', async () => {
      const files = once('kept');
      const one = await openServing(world(), { repository: 'restarted', branch: 'one', files, text: 'kept' });
      for (const [at, end] of (['stop', 'kill'] as const).entries()) {
        await world().program[end]();
        await world().program.start();
        const other = await openServing(world(), { repository: one.repository, branch: `after-${end}`, files, text: 'kept' });
        assert.equal((await containerOf(other)).Image, (await containerOf(one)).Image);
        const empty = await world().github.commit({ repository: one.repository, branch: 'one', message: `Nothing, ${at}` });
        await untilLive(one, empty);
      }
      assert.equal(built(one).length, 1);
    });

    test('are built of each project for itself', async () => {
      const files = once('apart');
      const one = await openServing(world(), { repository: 'apart-1', files, text: 'apart' });
      const two = await openServing(world(), { repository: 'apart-2', files, text: 'apart' });
      assert.deepEqual([built(one).length, built(two).length], [1, 1]);
      assert.notEqual((await containerOf(one)).Config.Image, (await containerOf(two)).Config.Image);
    });
  });

  describe('an image that vanished', () => {
    test('is not missed by a preview that wakes, and is built again, once, when its container is gone, too', async () => {
      const story = await openServing(world(), { repository: 'vanished', files: once('back'), text: 'back' });
      await sleep(story);
      await removeImages(story);
      await wake(story);
      await untilServes(world(), story.host, 'back');
      assert.equal(built(story).length, 1);

      await sleep(story);
      await world().docker.getContainer((await containerOf(story)).Id).remove();
      await wake(story);
      await untilServes(world(), story.host, 'back');
      assert.equal(built(story).length, 2);
    });

    test('is built again, once, when its preview ran and lost its container', async () => {
      const story = await openServing(world(), { repository: 'lost', branch: 'lost', files: once('found'), text: 'found' });
      const container = await containerOf(story);
      const name = container.Config.Image;
      // Running, it keeps the image; its name goes.
      await world().docker.getImage(name).remove({ force: true });
      await world().docker.getContainer(container.Id).remove({ force: true });
      await untilServes(world(), story.host, 'found');
      await untilRunning(world(), story.host);
      assert.deepEqual(built(story), [name, name]);
    });

    test('is built once for two previews that wake at the same time', async () => {
      const files = once('together', slowStep(1));
      const one = await openServing(world(), { repository: 'sharing', branch: 'one', files, text: 'together' });
      const two = await openServing(world(), { repository: one.repository, branch: 'two', files, text: 'together' });
      for (const story of [one, two]) {
        await sleep(story);
        await world().docker.getContainer((await containerOf(story)).Id).remove();
      }
      await removeImages(one);
      await Promise.all([wake(one), wake(two)]);
      for (const story of [one, two]) await untilServes(world(), story.host, 'together');
      assert.equal(built(one).length, 2);
    });

    test('again and again is told on the pull request and built at growing distances, not over and over; it comes up when it stays', async (context) => {
      const { docker, github } = world();
      const story = await openServing(world(), { repository: 'vanishing', text: 'steady' });
      const project = projectOf(story);
      const serving = (await containerOf(story)).Config.Image;
      const over = new AbortController();
      context.after(() => over.abort());
      const taking = (async () => {
        while (!over.signal.aborted) {
          const names = (await docker.listImages({ filters: { reference: [`kosuke-preview/${project}`] } })).flatMap(({ RepoTags }) => RepoTags ?? []);
          for (const name of names) if (name !== serving) await docker.getImage(name).remove({ force: true }).catch(ignoreStatus);
          await delay(5);
        }
      })();
      const before = built(story).length;
      await github.commit({ repository: story.repository, branch: story.branch, files: once('arrived') });
      const { body } = await untilComment(world(), story.repository, story.pull.number, /is tried again at/);
      assert.match(body, /The image was removed from the Docker Engine before it could be started/);
      assert.match(body, /docker image prune/);
      await delay(3_000);
      const tries = built(story).length - before;
      assert.ok(tries >= 1 && tries <= 3, `it was built ${tries} times`);
      assert.match((await world().get(story.host)).text, /steady/);
      over.abort();
      await taking;
      await untilServes(world(), story.host, 'arrived');
    });
  });

  describe('redeploy', () => {
    let registry: Registry | undefined;
    afterEach(() => registry?.stop());

    test('builds without cache on fresh base images; the other branch keeps its image, and what comes later gets the new one', async () => {
      registry = await startRegistry(world().docker);
      await registry.publish('base', version('v1'));
      const files = over(registry);
      const one = await openServing(world(), { repository: 'fresh', branch: 'one', files, text: 'page' });
      const two = await openServing(world(), { repository: one.repository, branch: 'two', files, text: 'page' });
      await untilKept(registry);
      assert.deepEqual([await versionOf(one), await versionOf(two), built(one).length], ['v1', 'v1', 1]);

      await registry.publish('base', version('v2'));
      await redeploy(one);
      assert.deepEqual([await versionOf(one), await versionOf(two), built(one).length], ['v2', 'v1', 2]);
      assert.match(await logOf(one), /Building without cache, with base images fetched anew/);
      assert.match(await logOf(one), /\[2\/2\] done in/);

      const later = await openServing(world(), { repository: one.repository, branch: 'later', files, text: 'page' });
      assert.deepEqual([await versionOf(later), built(one).length], ['v2', 2]);
      await untilLive(two, await world().github.commit({ repository: one.repository, branch: 'two', files: { 'index.html': 'another page' } }));
      assert.deepEqual([await versionOf(two), built(one).length], ['v2', 3]);
    });

    test('where the registry does not answer uses the base images that are here, and the log says so', async () => {
      registry = await startRegistry(world().docker);
      await registry.publish('base', version('v1'));
      const story = await openServing(world(), { repository: 'stale', files: over(registry), text: 'page' });
      await untilKept(registry);
      await registry.publish('base', version('v2'));
      await registry.stop();
      await redeploy(story);
      assert.deepEqual([await versionOf(story), built(story).length], ['v1', 2]);
      assert.match(await logOf(story), new RegExp(`The registry ${registry.address} did not answer: built on the base image that is here`));
    });
  });
});

/** An app that no cache of the engine has seen. */
function once(text: string, instruction = `ENV NONCE=${randomUUID()}`): Files {
  return app({ text, instruction });
}

/** An app on a base image of that registry; what its base is can be read at `/version`. */
function over(registry: Registry): Files {
  const dockerfile = [`FROM ${registry.address}/base:latest`, `ENV NONCE=${randomUUID()}`, 'COPY index.html /www/index.html', 'EXPOSE 3000', 'CMD ["httpd", "-f", "-p", "3000", "-h", "/www"]', ''];
  return { Dockerfile: dockerfile.join('\n'), 'index.html': '<!doctype html><p>page</p>\n' };
}

function version(content: string): { path: string; content: string } {
  return { path: 'www/version', content };
}

async function versionOf({ host }: Story): Promise<string> {
  return (await world().get(host, { path: '/version' })).text;
}

function projectOf({ host }: Story): string {
  return host.split('-')[1]!;
}

/** Names of the images that were built for its project. */
function built(story: Story): string[] {
  return everBuilt.filter((name) => name.startsWith(`kosuke-preview/${projectOf(story)}:`));
}

/** Of the version that serves, or that would when it wakes. */
async function containerOf({ host }: Story) {
  const names = (await world().remains()).containers.filter((name) => name.startsWith(`kosuke-preview-${host}-`));
  assert.equal(names.length, 1, names.join());
  return await world().docker.getContainer(names[0]!).inspect();
}

/** Waits until the host shows that commit and nothing of the version before is left. */
async function untilLive(story: Story, sha: string): Promise<void> {
  await eventually(
    `${story.host} is at ${sha.slice(0, 7)}`,
    async () => (await world().get(story.host)).headers['x-kosuke-commit'] === sha && (await containerOf(story)) !== undefined,
    { within: 30_000 },
  );
}

/** Waits until the base image has a name on the engine, which the deployment does not wait for. */
async function untilKept({ address }: Registry): Promise<void> {
  await eventually('the base image is kept', () => world().docker.getImage(`${address}/base:latest`).inspect(), { within: 30_000 });
}

async function logOf({ host }: Story): Promise<string> {
  return ok(await command(world(), 'logs', host));
}

async function sleep({ host }: Story): Promise<void> {
  assert.match(ok(await command(world(), 'sleep', host)), /is asleep/);
}

async function wake({ host }: Story): Promise<void> {
  assert.match(ok(await command(world(), 'wake', host)), /is (?:running|waking)/);
}

async function redeploy({ host }: Story): Promise<void> {
  assert.match(ok(await command(world(), 'redeploy', host)), /is running/);
}

/** As `docker rmi -f` does with every image of the project. */
async function removeImages(story: Story): Promise<void> {
  const { docker } = world();
  const images = await docker.listImages({ filters: { reference: [`kosuke-preview/${projectOf(story)}`] } });
  for (const name of images.flatMap(({ RepoTags }) => RepoTags ?? [])) await docker.getImage(name).remove({ force: true });
}

function ok({ code, out, err }: Ran): string {
  assert.equal(code, 0, `${out}\n${err}`);
  return out;
}

/** It went by itself, or a container was made of it meanwhile. */
function ignoreStatus(error: unknown): void {
  if (![404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
}
