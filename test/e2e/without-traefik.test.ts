import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { RepositorySnapshot } from '../../src/demo/github/index.ts';
import { createProgram, type ProgramProcess } from '../../src/demo/program.ts';
import { app } from '../support/apps.ts';
import { command, type Ran } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { nextLine } from '../support/moments.ts';
import { newRepository, openServing, untilStatuses } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { remainsOf, untilAnswers, untilComment, untilNothingLeft, useWorld, type World } from '../support/world.ts';

/** A pull request, its preview's name, and where the comment says that it is. */
type Served = { repository: RepositorySnapshot; number: number; sha: string; label: string; url: string; port: number };

/** Networks are named by hosts: one that no other run on this engine has. */
const branch = `feature/${randomBytes(3).toString('hex')}`;

describe('without Traefik', () => {
  const world = useWorld({ HEALTH_TIMEOUT: '5s' }, { traefik: false });

  describe('a preview', { concurrency: 2 }, () => {
    test('a pull request is served at a port of this machine, and nowhere else; everything that names an address names that', async () => {
      const { github, docker, program } = world();
      const repository = await newRepository(world(), 'opening');
      await github.commit({ repository, branch, files: app({ text: 'one', delay: 2 }) });
      const pull = await github.openPullRequest({ repository, head: branch, title: 'An opened one' });
      const before = await untilComment(world(), repository, pull.number, /Building|Starting|Waiting/);
      assert.equal(linkIn(before.body), null, before.body);
      const { label, url, port } = await served(world(), repository, pull.number, pull.head.sha);
      assert.equal((await untilComment(world(), repository, pull.number, /Running/)).id, before.id);
      assert.match((await world().get(url)).text, /one/);

      const deployment = await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'success']);
      assert.deepEqual(deployment.statuses.map(({ environmentUrl }) => environmentUrl), ['', url]);
      const page = await world().get(deployment.statuses[0]!.logUrl, { headers: { accept: 'text/html' } });
      assert.ok(page.text.includes(`<a href="${url}">Open the preview</a>`), page.text);
      assert.deepEqual(await rowOf(world(), label), [label, url, 'running', pull.head.sha.slice(0, 7), repository.fullName, `${branch} (#1)`]);
      const { status, headers } = await world().get(label, { path: '/a?b=c' });
      assert.deepEqual([status, headers['location'], headers['x-kosuke-state']], [307, `${url}/a?b=c`, 'running']);

      const [name = ''] = await containersOf(world(), label);
      const { HostConfig: host, Config: config, NetworkSettings: net } = await docker.getContainer(name).inspect();
      assert.deepEqual(host.PortBindings, { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] });
      assert.deepEqual(net.Ports, { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] });
      assert.deepEqual(Object.keys(config.Labels).filter((key) => /^traefik\.|^kosuke\.edge$/.test(key)), []);
      assert.equal(config.Labels['kosuke.instance'], world().instance);
      assert.deepEqual(config.Env.filter((each) => /^PREVIEW_(URL|HOST)=/.test(each)), [`PREVIEW_URL=${url}`, 'PREVIEW_HOST=127.0.0.1']);
      const others = Object.values(networkInterfaces()).flat().filter((each) => each !== undefined && each.family === 'IPv4' && !each.internal);
      assert.ok(others.length > 0);
      for (const { address } of others.filter((each) => each !== undefined)) assert.equal(await listens(address, port), false, `${address}:${port}`);

      assert.equal((await world().get(`http://127.0.0.1:${program.env['PORT']}/readyz`)).status, 200);
      assert.equal(existsSync(join(program.env['DATA_DIR']!, 'traefik')), false);
      assert.deepEqual(await docker.listContainers({ filters: { label: [`kosuke-demo=${world().instance}`] } }), []);
      assert.deepEqual(program.lines().filter((line) => /traefik/i.test(JSON.stringify(line))), []);

      await close(world(), { repository, number: pull.number, label, port });
      const gone = await world().get(label);
      assert.deepEqual([gone.status, gone.headers['x-kosuke-state']], [410, 'removed']);
    });

    test('a push gets a port of its own, and whoever goes where comment or status lead meets the old or the new version only', async (context) => {
      const { github } = world();
      const story = await opened(world(), 'switching', 'old');
      const { repository, number, label } = story;
      const byComment = visitors(context, world(), () => linkIn(commentOn(world(), story)) ?? story.url, { everyMs: 40 });
      const byStatus = visitors(context, world(), () => addressByStatus(world(), story) ?? story.url, { everyMs: 40 });
      const sha = await github.commit({ repository, branch, files: app({ text: 'new', delay: 1 }) });
      await byStatus.untilMet('new');
      await byComment.untilMet('new');
      await eventually('the old version is gone after its drain', async () => (await containersOf(world(), label)).length === 1, { within: 40_000 });
      for (const each of [byComment, byStatus]) {
        const met = tally(await each.stop());
        assert.deepEqual(Object.keys(met), ['old', 'new'], JSON.stringify(met));
        assert.ok(met['old']! >= 20 && met['new']! >= 20, JSON.stringify(met));
      }
      const now = await served(world(), repository, number, sha);
      assert.notEqual(now.port, story.port);
      assert.equal(await listens('127.0.0.1', story.port), false);
      await untilStatuses(world(), story, story.sha, ['in_progress', 'success', 'inactive']);
      const deployment = await untilStatuses(world(), story, sha, ['in_progress', 'success']);
      assert.equal(deployment.statuses.at(-1)?.environmentUrl, now.url);

      const broken = await github.commit({ repository, branch, files: app({ text: '', exits: { code: 7, says: 'no way' } }) });
      const { body } = await untilComment(world(), repository, number, /the newer version failed/);
      assert.match(body, new RegExp(`${broken.slice(0, 7)}.* failed.*exited with code 7`, 's'));
      assert.equal(linkIn(body), now.url);
      assert.match((await world().get(now.url)).text, /new/);
      await untilStatuses(world(), story, broken, ['in_progress', 'failure']);
      const deaf = await github.commit({ repository, branch, files: app({ text: 'elsewhere', listensOn: [4000, 4001] }) });
      const { body: told } = await untilComment(world(), repository, number, /does not listen on port 3000/);
      assert.match(told, new RegExp(`${deaf.slice(0, 7)}.* failed.*listens on ports 4000 and 4001 instead`, 's'));
      assert.match((await world().get(now.url)).text, /new/);
      await close(world(), { ...story, port: now.port });
    });

    test('an app that listens on another port than was expected is live with that one, at an address of its own', async () => {
      const { github } = world();
      const story = await opened(world(), 'elsewhere', 'here');
      const { repository, number } = story;
      const sha = await github.commit({ repository, branch, files: app({ text: 'there', listensOn: [4000] }) });
      const now = await served(world(), repository, number, sha);
      assert.match((await world().get(now.url)).text, /there/);
      const { body } = await untilComment(world(), repository, number, /🟢 Running/);
      assert.match(body, /listens on port 4000, not on 3000/);
      await close(world(), { ...story, port: now.port });
    });

    test('an app that crashes comes back at its port', async () => {
      const story = await opened(world(), 'crashing', 'alive');
      const [name = ''] = await containersOf(world(), story.label);
      await world().docker.getContainer(name).kill();
      await untilServes(world(), story.url, 'alive');
      await untilComment(world(), story.repository, story.number, /🟢 Running.*is live/s);
      await untilStatuses(world(), story, story.sha, ['in_progress', 'success']);
      assert.deepEqual(await containersOf(world(), story.label), [name]);
      await close(world(), story);
    });

    test('asleep it has no address, and nobody is told one; it wakes at its port, or at another when that is taken', async (context) => {
      const story = await opened(world(), 'sleeping', 'awake');
      const { repository, number, label, url, port, sha } = story;
      const slept = ok(await command(world(), 'sleep', label));
      assert.equal(slept, `${label} is asleep.\n`);
      assert.equal(await listens('127.0.0.1', port), false);
      const { body } = await untilComment(world(), repository, number, /⚪ Asleep/);
      assert.equal(linkIn(body), null, body);
      assert.match(body, new RegExp(`wake ${label}`));
      const asleep = await untilStatuses(world(), story, sha, ['in_progress', 'success', 'success']);
      assert.deepEqual([asleep.statuses.at(-1)?.environmentUrl, asleep.statuses.at(-1)?.description], ['', 'At rest']);
      assert.deepEqual((await rowOf(world(), label)).slice(0, 3), [label, '-', 'asleep']);
      const page = await world().get(asleep.statuses[0]!.logUrl, { headers: { accept: 'text/html' } });
      assert.ok(page.text.includes('has no address while it does not run') && !page.text.includes(url), page.text);

      assert.equal(ok(await command(world(), 'wake', label)), `${label} is running. ${url}\n`);
      await untilServes(world(), url, 'awake');
      assert.equal((await served(world(), repository, number, sha)).url, url);
      await untilStatuses(world(), story, sha, ['in_progress', 'success', 'success', 'success']);

      ok(await command(world(), 'sleep', label));
      const thief = createServer();
      context.after(() => thief.close());
      await new Promise<void>((resolve) => thief.listen(port, '127.0.0.1', resolve));
      const woken = /running\. (http:\/\/127\.0\.0\.1:(\d+))\n$/.exec(ok(await command(world(), 'wake', label)));
      assert.ok(woken !== null && woken[1] !== url, String(woken));
      await untilServes(world(), woken[1]!, 'awake');
      const { body: said } = await untilComment(world(), repository, number, new RegExp(`\\(${woken[1]}\\)`));
      assert.match(said, /🟢 Running/);
      await eventually('the status names it', () => addressByStatus(world(), story) === woken[1]);
      const [name = ''] = await containersOf(world(), label);
      const { Env: env } = (await world().docker.getContainer(name).inspect()).Config;
      assert.ok(env.includes(`PREVIEW_URL=${woken[1]}`), env.join());
      await close(world(), { ...story, port: Number(woken[2]) });
    });

    test('redeploy, remove and the branch that goes do what they do with Traefik', async () => {
      const story = await opened(world(), 'commanded', 'again');
      const { repository, number, label, port } = story;
      const again = /running\. (http:\/\/127\.0\.0\.1:(\d+))\n$/.exec(ok(await command(world(), 'redeploy', `${repository.fullName}#${number}`)));
      assert.ok(again !== null);
      await untilServes(world(), again[1]!, 'again');
      assert.equal(ok(await command(world(), 'remove', label)), `${label} is removed.\n`);
      await eventually('neither listens', async () => !(await listens('127.0.0.1', port)) && !(await listens('127.0.0.1', Number(again[2]))), { within: 40_000 });
      await untilNothingLeft(world(), label);
      const sha = await world().github.commit({ repository, branch, files: app({ text: 'back' }) });
      const back = await served(world(), repository, number, sha);
      await untilServes(world(), back.url, 'back');
      await world().github.deleteBranch({ repository, branch });
      await untilComment(world(), repository, number, /removed/);
      await untilNothingLeft(world(), label);
      assert.equal(await listens('127.0.0.1', back.port), false);
    });
  });

  describe('a program that is killed', () => {
    for (const moment of ['started', 'live'] as const) {
      test(`in the middle of a switch, when the new version is ${moment}, goes on with it; the old version answers meanwhile`, async (context) => {
        const story = await opened(world(), `killed-${moment}`, 'old');
        const { repository, number, label } = story;
        const coming = visitors(context, world(), () => linkIn(commentOn(world(), story)) ?? story.url, { everyMs: 40 });
        const reached = nextLine(world(), moment, label);
        const sha = await world().github.commit({ repository, branch, files: app({ text: 'new', delay: 1 }) });
        await reached;
        await world().program.kill();
        assert.match((await world().get(story.url)).text, /old/);
        await world().program.start();
        await coming.untilMet('new');
        const met = tally(await coming.stop());
        assert.deepEqual(Object.keys(met), ['old', 'new'], JSON.stringify(met));
        const now = await served(world(), repository, number, sha);
        await eventually('only the new version is left', async () => (await containersOf(world(), label)).length === 1, { within: 40_000 });
        assert.equal(await listens('127.0.0.1', story.port), false);
        await untilServes(world(), now.url, 'new');
        await close(world(), { ...story, port: now.port });
      });
    }
  });
});

describe('the setting is changed between two runs', () => {
  const world = useWorld();
  let program: ProgramProcess | undefined;
  after(() => program?.stop());

  test('each preview ends up served in the way that holds now, at the address that is said, and nothing of the other stays', async () => {
    const { repository, pull, host: label } = await openServing(world(), { repository: 'changing', branch, text: 'the same' });
    const asleep = await openServing(world(), { repository: 'dozing', branch, text: 'dozing' });
    ok(await command(world(), 'sleep', asleep.host));
    const sha = pull.head.sha;
    const withTraefik = world().url(label);
    const before = await inspected(world(), label);
    assert.deepEqual([before.HostConfig.PortBindings, Object.values(before.NetworkSettings.Ports).flat()], [{}, [null]], 'with Traefik nothing is published');

    await world().program.stop();
    program = createProgram({ env: { ...world().program.env, TRAEFIK_ENABLED: 'false' }, cwd: world().program.env['DATA_DIR']!, logFile: join(world().dir, 'other.log'), detached: false });
    await program.start();
    const now = await untilLinked(world(), repository, pull.number, /127\.0\.0\.1/);
    await untilServes(world(), now.url, 'the same');
    await eventually('the status names it', () => addressByStatus(world(), { repository, sha }) === now.url);
    assert.deepEqual((await inspected(world(), label)).HostConfig.PortBindings, { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(now.port) }] });
    const woken = /running\. (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(ok(await command(world(), 'wake', asleep.host)));
    await untilServes(world(), woken![1]!, 'dozing');

    await program.stop();
    await world().program.start();
    const again = await untilLinked(world(), repository, pull.number, /kosuke\.localhost/);
    assert.equal(again.url, withTraefik);
    await untilAnswers(world(), label, 200, 'the same');
    await untilAnswers(world(), asleep.host, 200, 'dozing');
    await eventually('the status names it', () => addressByStatus(world(), { repository, sha }) === withTraefik);
    assert.equal(await listens('127.0.0.1', now.port), false);
    assert.deepEqual((await inspected(world(), label)).HostConfig.PortBindings, {});
    assert.equal((await remainsOf(world(), label)).length, 3, 'a container, a network and an image');
    for (const story of [{ repository, number: pull.number, label }, { repository: asleep.repository, number: asleep.pull.number, label: asleep.host }]) {
      await world().github.closePullRequest(story);
      await untilNothingLeft(world(), story.label);
    }
  });
});

/** Opens a pull request and waits until it is served. */
async function opened(world: World, name: string, text: string): Promise<Served> {
  const repository = await newRepository(world, name);
  const sha = await world.github.commit({ repository, branch, files: app({ text }) });
  const { number } = await world.github.openPullRequest({ repository, head: branch, title: `About ${name}` });
  const story = await served(world, repository, number, sha);
  await untilServes(world, story.url, text);
  return story;
}

/** Waits until the comment says that this commit runs; the preview's name is that of the one preview of the repository. */
async function served(world: World, repository: RepositorySnapshot, number: number, sha: string): Promise<Served> {
  const { body } = await untilComment(world, repository, number, new RegExp(`🟢 Running \\|.*${sha.slice(0, 7)}.* is live`, 's'));
  const url = linkIn(body);
  assert.ok(url !== null, body);
  const listed = await (await world.program.operations()).list({ all: false });
  const label = listed.ok ? listed.value.find((row) => row.repository === repository.fullName)?.hostLabel : undefined;
  assert.ok(label !== undefined);
  return { repository, number, sha, label, url, port: Number(new URL(url).port) };
}

/** Closes it, and waits until it is said and nothing of it is left, nor listens. */
async function close(world: World, { repository, number, label, port }: Pick<Served, 'repository' | 'number' | 'label' | 'port'>): Promise<void> {
  await world.github.closePullRequest({ repository, number });
  const { body } = await untilComment(world, repository, number, /Closed: the preview was removed/);
  assert.equal(linkIn(body), null, body);
  await untilNothingLeft(world, label);
  assert.equal(await listens('127.0.0.1', port), false);
}

/** The address of the preview that a comment links to. */
function linkIn(comment: string): string | null {
  return /\]\((http:\/\/[a-z0-9.-]+:\d+)\)/.exec(comment)?.[1] ?? null;
}

function commentOn({ github }: World, { repository, number }: Pick<Served, 'repository' | 'number'>): string {
  return github.comments(repository, number).find(({ byApp }) => byApp)?.body ?? '';
}

async function untilLinked(world: World, repository: RepositorySnapshot, number: number, pattern: RegExp): Promise<{ url: string; port: number }> {
  const { body } = await untilComment(world, repository, number, new RegExp(`🟢 Running \\|[^|]*${pattern.source}`));
  const url = linkIn(body)!;
  return { url, port: Number(new URL(url).port) };
}

/** Of the newest deployment that is a success, as GitHub shows it. */
function addressByStatus({ github }: World, { repository }: Pick<Served, 'repository' | 'sha'>): string | undefined {
  const lasts = github.deployments(repository).flatMap(({ statuses }) => statuses.at(-1) ?? []);
  return lasts.find(({ state }) => state === 'success')?.environmentUrl;
}

/** Waits (30 s) until the address answers 200 with that text. */
async function untilServes(world: World, url: string, text: string): Promise<void> {
  const says = async () => {
    const answer = await world.get(url);
    return answer.status === 200 && answer.text.includes(text);
  };
  await eventually(`${url} says ${text}`, says, { within: 30_000, every: 25 });
}

async function containersOf(world: World, label: string): Promise<string[]> {
  return (await remainsOf(world, label)).filter((name) => name.startsWith(`kosuke-preview-${label}-`));
}

async function inspected(world: World, label: string) {
  const [name = ''] = await containersOf(world, label);
  return world.docker.getContainer(name).inspect();
}

/** Its line of `list`. */
async function rowOf(world: World, label: string): Promise<string[]> {
  const line = ok(await command(world, 'list')).split('\n').find((each) => each.startsWith(`${label}\t`));
  assert.ok(line !== undefined);
  return line.split('\t');
}

function ok({ code, out, err }: Ran): string {
  assert.equal(code, 0, err);
  return out;
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
