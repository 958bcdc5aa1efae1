import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { RepositoryRef, RepositorySnapshot, Verdict } from '../../src/demo/github/index.ts';
import { instanceFilter } from '../../src/domain/labels.ts';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { newRepository, openServing, untilRunning, untilStatuses, type Story, type StoryOptions } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { untilAnswers, untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

/** Each first as webhooks tell of it, then with its webhooks lost: the sweep finds it. */
describe('a repository', () => {
  const world = useWorld({ SWEEP_INTERVAL: '1h' });
  const sweep = sweeper(world);
  /** Installations whose webhooks are lost, and paths of the API that are answered otherwise. */
  const lost = new Set<number>();
  const faults = new Map<string, Verdict>();
  before(async () => {
    world().github.intercept(({ kind, path, installationId }) => {
      if (kind === 'webhook') return lost.has(installationId ?? 0) ? 'drop' : undefined;
      return kind === 'rest' ? faults.get(path) : undefined;
    });
    await eventually('the first sweep is over', () => world().program.lines().some(({ msg }) => msg === 'swept'));
  });

  describe('that changes', { concurrency: 3 }, () => {
    test('by a new name keeps its host and container, its comment names it anew, and the next push works', async (context) => {
      const story = await openSettled(world(), { repository: 'renaming' });
      const { repository, pull, host } = story;
      const container = await containersOf(world(), host);
      const coming = visitors(context, world(), host, { everyMs: 50, atMostMs: 120_000 });
      world().github.renameRepository(repository, 'renamed');
      await untilNamed(world(), story, 'renaming-team/renamed', 'renaming-team/renaming');
      lost.add(installationOf(world(), repository));
      world().github.renameRepository(repository, 'again');
      await sweep();
      await untilNamed(world(), story, 'renaming-team/again', 'renaming-team/renamed');
      assert.deepEqual(await containersOf(world(), host), container);
      const met = tally(await coming.stop());
      assert.deepEqual(Object.keys(met), ['one'], JSON.stringify(met));
      lost.delete(installationOf(world(), repository));
      await pushOn(world(), story);
      assert.deepEqual(await hostsOf(world(), 'renaming-team/'), [host]);
      assert.equal(world().github.comments(repository, pull.number).length, 1);
    });

    test('to another account with the App keeps its host and container, its comment names it anew, and the next push works', async (context) => {
      const { github } = world();
      const story = await openSettled(world(), { repository: 'moving' });
      const { repository, pull, host } = story;
      const container = await containersOf(world(), host);
      const coming = visitors(context, world(), host, { everyMs: 50, atMostMs: 120_000 });
      installOn(world(), 'receiving-team');
      github.transferRepository(repository, 'receiving-team');
      await untilNamed(world(), story, 'receiving-team/moving', 'moving-team/moving');
      const unheard = [installationOf(world(), repository), installOn(world(), 'further-team')];
      for (const installation of unheard) lost.add(installation);
      github.transferRepository(repository, 'further-team');
      await sweep();
      await untilNamed(world(), story, 'further-team/moving', 'receiving-team/moving');
      assert.deepEqual(await containersOf(world(), host), container);
      const met = tally(await coming.stop());
      assert.deepEqual(Object.keys(met), ['one'], JSON.stringify(met));
      for (const installation of unheard) lost.delete(installation);
      await pushOn(world(), story);
      assert.deepEqual(await hostsOf(world(), 'moving-team/'), []);
      assert.deepEqual(await hostsOf(world(), 'further-team/'), [host]);
      assert.equal(github.comments(repository, pull.number).length, 1);
    });

    test('to an account without the App is gone: nothing of its preview stays, and the page says why', async () => {
      const { github } = world();
      const repository = await newRepository(world(), 'leaving');
      const unheard = await github.createRepository({ owner: 'leaving-team', name: 'unheard', files: app({ text: 'main' }) });
      const stories = [await openSettled(world(), { repository }), await openSettled(world(), { repository: unheard })] as const;
      github.createAccount({ login: 'strangers' });
      const quiet = stories.map((story) => untold(world(), story));
      github.transferRepository(repository, 'strangers');
      await untilGone(world(), stories[0]);
      lost.add(installationOf(world(), unheard));
      github.transferRepository(unheard, 'strangers');
      await sweep();
      await untilGone(world(), stories[1]);
      for (const check of quiet) check();
    });

    test('by its deletion is gone: nothing of its preview stays, and the page says why', async () => {
      const { github } = world();
      const repository = await newRepository(world(), 'deleted');
      const unheard = await github.createRepository({ owner: 'deleted-team', name: 'unheard', files: app({ text: 'main' }) });
      const stories = [await open(world(), { repository }), await open(world(), { repository: unheard })] as const;
      await github.deleteRepository(repository);
      await untilGone(world(), stories[0]);
      lost.add(installationOf(world(), unheard));
      await github.deleteRepository(unheard);
      await sweep();
      await untilGone(world(), stories[1]);
    });

    test('by being made private keeps its preview, is warned of once, and its next push is fetched with a token', async () => {
      const { github } = world();
      const story = await open(world(), { repository: 'closing' });
      const { repository, host } = story;
      const container = await containersOf(world(), host);
      github.setPrivate(repository, true);
      await eventually('it is warned of', () => warningsOf(world(), repository) === 1);
      github.setPrivate(repository, false);
      await github.delivered();
      await sweep();
      lost.add(installationOf(world(), repository));
      github.setPrivate(repository, true);
      for (let times = 0; times < 2; times += 1) await sweep();
      assert.equal(warningsOf(world(), repository), 2, 'once for each time that it became private');
      await untilServes(world(), host, 'one');
      assert.deepEqual(await containersOf(world(), host), container);
      lost.delete(installationOf(world(), repository));
      await pushOn(world(), story);
      const fetches = github.requests().filter(({ kind, url, status }) => kind === 'git' && url.startsWith(`/${repository.fullName}`) && status === 200);
      assert.equal(fetches.at(-1)?.auth, 'installation');
    });
  });

  describe('from which the App', { concurrency: 3 }, () => {
    test('is removed loses its preview while another one of the account stays, and has it again when the App is added', async () => {
      const { github } = world();
      const one = await openSettled(world(), { repository: 'chosen' });
      const { repository, pull, host } = one;
      const other = await open(world(), { repository: await github.createRepository({ owner: 'chosen-team', name: 'other', files: app({ text: 'main' }) }) });
      const kept = await containersOf(world(), other.host);
      const quiet = untold(world(), one);
      github.removeRepositoryFromInstallation(repository);
      await untilGone(world(), one);
      quiet();

      github.addRepositoryToInstallation(repository);
      await untilServes(world(), host, 'one');
      await untilComment(world(), repository, pull.number, /Running/);
      lost.add(installationOf(world(), repository));
      github.removeRepositoryFromInstallation(repository);
      await sweep();
      await untilGone(world(), one);
      assert.deepEqual(await containersOf(world(), other.host), kept);
      await untilServes(world(), other.host, 'one');
    });

    test('goes with the whole account loses all its previews, and has them again at their hosts when it is installed again', async () => {
      const { github } = world();
      const repository = await newRepository(world(), 'uninstalled');
      const stories = [await openSettled(world(), { repository, branch: 'life-a' }), await openSettled(world(), { repository, branch: 'life-b' })];
      const quiet = stories.map((story) => untold(world(), story));
      github.deleteInstallation('uninstalled-team');
      for (const story of stories) await untilGone(world(), story);
      for (const check of quiet) check();

      lost.add(github.install({ account: 'uninstalled-team' }));
      await sweep();
      for (const { pull, host } of stories) {
        await untilServes(world(), host, 'one');
        await untilComment(world(), repository, pull.number, /Running/);
      }
      github.deleteInstallation('uninstalled-team');
      await sweep();
      for (const story of stories) await untilGone(world(), story);
    });

    test('is suspended sleeps, with a page that says why and not a word to GitHub; unsuspended it is back, with what happened meanwhile', async () => {
      const { github } = world();
      const repository = await newRepository(world(), 'suspended');
      const same = await openSettled(world(), { repository, branch: 'same' });
      const pushed = await openSettled(world(), { repository, branch: 'pushed' });
      const both = [same, pushed];
      const [container = ''] = await containersOf(world(), same.host);

      const quiet = both.map((story) => untold(world(), story));
      github.suspendInstallation('suspended-team');
      for (const story of both) await untilAsleep(world(), story);
      assert.equal((await world().docker.getContainer(container).inspect()).State.Running, false);
      const sha = await github.commit({ repository, branch: 'pushed', files: app({ text: 'during' }) });
      await sweep();
      for (const story of both) await untilAsleep(world(), story);
      for (const check of quiet) check();

      github.unsuspendInstallation('suspended-team');
      await untilServes(world(), same.host, 'one');
      await untilServes(world(), pushed.host, 'during');
      assert.deepEqual(await containersOf(world(), same.host), [container]);
      await untilLive(world(), same, same.pull.head.sha);
      await untilLive(world(), pushed, sha);
      await untilStatuses(world(), pushed, sha, ['in_progress', 'success']);

      lost.add(installationOf(world(), repository));
      github.suspendInstallation('suspended-team');
      await sweep();
      for (const story of both) await untilAsleep(world(), story);
      const next = await github.commit({ repository, branch: 'pushed', files: app({ text: 'unheard' }) });
      await github.closePullRequest({ repository, number: same.pull.number });
      github.unsuspendInstallation('suspended-team');
      await sweep();
      await untilServes(world(), pushed.host, 'unheard');
      await untilLive(world(), pushed, next);
      await untilAnswers(world(), same.host, 410, 'pull request was closed');
      await untilComment(world(), repository, same.pull.number, /the preview was removed/);
    });
  });

  test('of which GitHub says no, nothing clear, or nothing at all in its lists is not gone; what really is goes when GitHub answers again', async () => {
    const { github, program } = world();
    const stories: Story[] = [];
    for (const name of ['failing', 'forbidden', 'missing', 'gone']) stories.push(await open(world(), { repository: `trouble-${name}` }));
    const gone = stories[3]!;
    const kept = await Promise.all(stories.map(({ host }) => containersOf(world(), host)));
    const doubted = ({ host }: Story) => program.lines().some((line) => line['host'] === host && /no clear answer/.test(line.msg));
    const [failing = '', forbidden = '', missing = '', unlisted = ''] = stories.map(({ repository }) => `/repositories/${repository.id}`);
    const readings = () => github.requests().filter(({ url }) => url === unlisted).length;

    faults.set(failing, { status: 500 });
    faults.set(forbidden, { status: 403, body: { message: 'Forbidden' } });
    faults.set(missing, { status: 404, body: { message: 'Not Found' } });
    faults.set('/installation/repositories', { status: 200, body: { total_count: 0, repository_selection: 'all', repositories: [] } });
    const before = readings();
    await sweep();
    for (const story of stories.slice(0, 3)) await eventually(`${story.host} is in doubt`, () => doubted(story));
    await eventually('the one that is only not listed was looked at', () => readings() > before);
    faults.set('/app/installations', { status: 200, body: [] });
    await sweep();

    faults.set('/installation/repositories', { status: 502, body: '<html>' });
    await github.deleteRepository(gone.repository);
    await eventually('what is gone is in doubt', () => doubted(gone));
    for (const { host } of stories) await untilServes(world(), host, 'one');
    assert.deepEqual(await Promise.all(stories.map(({ host }) => containersOf(world(), host))), kept);

    faults.clear();
    await untilGone(world(), gone);
    await sweep();
    for (const { host } of stories.slice(0, 3)) await untilRunning(world(), host);
    assert.deepEqual(await Promise.all(stories.map(({ host }) => containersOf(world(), host))), [...kept.slice(0, 3), []]);
  });
});

/** A pull request that serves `one`. */
function open(world: World, options: StoryOptions): Promise<Story> {
  return openServing(world, { branch: 'life', ...options });
}

/** The same, of which everything was told to GitHub. */
async function openSettled(world: World, options: StoryOptions): Promise<Story> {
  const story = await open(world, options);
  await untilLive(world, story, story.pull.head.sha);
  await untilStatuses(world, story, story.pull.head.sha, ['in_progress', 'success']);
  return story;
}

async function untilLive(world: World, { repository, pull }: Story, sha: string): Promise<void> {
  await untilComment(world, repository, pull.number, new RegExp(`🟢 Running \\|.*${sha.slice(0, 7)}.* is live`, 's'));
}

/** The comment's links lead to the repository as it is called now. */
async function untilNamed(world: World, { repository, pull }: Story, name: string, former: string): Promise<void> {
  const { body } = await untilComment(world, repository, pull.number, new RegExp(`/${name}/commit/`));
  assert.ok(!body.includes(`/${former}/`), body);
}

/** A push is deployed at the same host and said on the pull request. */
async function pushOn(world: World, story: Story): Promise<void> {
  const { repository, branch, host } = story;
  const sha = await world.github.commit({ repository, branch, files: app({ text: 'pushed' }) });
  await untilServes(world, host, 'pushed');
  await untilLive(world, story, sha);
}

/** Nothing is on the engine or at the edge, and visitors are told what became of it. */
async function untilGone(world: World, { host }: Story): Promise<void> {
  const { headers, text } = await untilAnswers(world, host, 410, 'The repository was deleted or moved away, or the GitHub App was taken off it.');
  assert.equal(headers['x-kosuke-state'], 'removed');
  assert.match(text, /This preview is gone/);
  assert.match(text, /Installing the App again brings it back/);
  await eventually(
    'no container and no network of it is left',
    async () => {
      const { containers, networks } = await world.remains();
      return [...containers, ...networks].every((name) => !name.startsWith(`kosuke-preview-${host}`));
    },
    { within: 30_000 },
  );
  if ((await hostsLiving(world, host)).length === 0) await untilNothingLeft(world, host);
}

/** Other hosts of the same project that are not removed. */
async function hostsLiving(world: World, host: string): Promise<string[]> {
  const answer = await (await world.program.operations()).list({ all: false });
  if (!answer.ok) throw new Error(answer.problem);
  const project = host.split('-', 2).join('-');
  return answer.value.map(({ hostLabel }) => hostLabel).filter((label) => label.startsWith(`${project}-`));
}

async function untilAsleep(world: World, { host }: Story): Promise<void> {
  const { headers, text } = await untilAnswers(world, host, 503, 'The GitHub App is suspended on this account; the preview wakes when the suspension ends.');
  assert.deepEqual([headers['x-kosuke-state'], headers['retry-after']], ['asleep', undefined]);
  assert.doesNotMatch(text, /kosuke-preview wake/);
}

/** A check that from now on GitHub was told nothing about the repository, and that the comment is as it was. */
function untold(world: World, { repository, pull }: Story): () => void {
  const writes = () => world.github.requests().filter(({ method, kind, url }) => kind === 'rest' && method !== 'GET' && url.includes(`/${repository.fullName}/`)).length;
  const comment = () => world.github.comments(repository, pull.number).map(({ id, body, edits }) => [id, body, edits]);
  const [writesBefore, commentBefore] = [writes(), comment()];
  return () => assert.deepEqual([writes(), comment()], [writesBefore, commentBefore]);
}

/** Returns the installation's id. */
function installOn(world: World, account: string): number {
  world.github.createAccount({ login: account, type: 'Organization' });
  return world.github.install({ account });
}

/** The one that the last webhook of the repository was about. */
function installationOf(world: World, { id }: RepositoryRef): number {
  const installation = world.github.deliveries().findLast(({ repositoryId }) => repositoryId === id)?.installationId;
  if (installation == null) throw new Error(`no webhook was sent of repository ${id}`);
  return installation;
}

/** Makes sweeps one after the other; those who ask while one runs share the next one, which sees what they did before. */
function sweeper(world: () => World): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const begin = () => {
    next = null;
    running = sweepNow(world());
    return running;
  };
  return () => (next ??= running.then(begin, begin));
}

async function sweepNow(world: World): Promise<void> {
  const answer = await (await world.program.operations()).sweep();
  if (!answer.ok) throw new Error(answer.problem);
}

/** Ids of the containers of a host, which a restart would not change and a new version would. */
async function containersOf(world: World, host: string): Promise<string[]> {
  const filters = { label: [instanceFilter(world.instance)], name: [`kosuke-preview-${host}-`] };
  return (await world.docker.listContainers({ all: true, filters })).map(({ Id }) => Id);
}

/** Hosts of everything that the program knows of repositories whose name begins so. */
async function hostsOf(world: World, prefix: string): Promise<string[]> {
  const answer = await (await world.program.operations()).list({ all: true });
  if (!answer.ok) throw new Error(answer.problem);
  return answer.value.filter(({ repository }) => repository.startsWith(prefix)).map(({ hostLabel }) => hostLabel);
}

function warningsOf(world: World, { fullName }: RepositorySnapshot): number {
  return world.program.lines().filter((line) => line['repository'] === fullName && /private repository are open/.test(line.msg)).length;
}
