import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseEnv } from 'node:util';
import type { RepositorySnapshot, Verdict } from '../../src/demo/github/index.ts';
import { openIdentity } from '../../src/settings/identity.ts';
import { app, type AppOptions } from '../support/apps.ts';
import { command, type Ran } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { recordedChildren, recordingChildren, watchDescendants, type Watching } from '../support/secrets/children.ts';
import { containerPlaces, enginePlaces } from '../support/secrets/engine-places.ts';
import { filePlaces } from '../support/secrets/file-places.ts';
import { findSecrets, type Place, type Secret } from '../support/secrets/search.ts';
import { storePlaces } from '../support/secrets/store-places.ts';
import { answerPlaces, githubPlaces, previewPlaces, programPlaces } from '../support/secrets/web-places.ts';
import { hostIn, openPull, openServing, untilRunning, type Story } from '../support/story.ts';
import { untilAnswers, untilComment, useWorld, type World } from '../support/world.ts';

const canary = (name: string) => `canary-${name}-${randomBytes(12).toString('hex')}`;

/** What an operator has in `.env` beside the settings of the program. */
const others = { GITHUB_CLIENT_ID: 'Iv1.0123456789abcdef', GITHUB_CLIENT_SECRET: canary('client-secret'), POSTGRES_PASSWORD: canary('postgres'), CLOUDFLARE_DNS_API_TOKEN: canary('cloudflare') };
/** Settings with which no start succeeds. */
const wrong: Record<string, string> = {
  DATABASE_URL: `postgres://kosuke:${canary('database')}@127.0.0.1:1/kosuke`,
  WEBHOOK_SECRET: `c${randomBytes(7).toString('hex')}`,
  PRIVATE_KEY: `-----BEGIN RSA PRIVATE KEY-----\n${canary('broken-key')}\n-----END RSA PRIVATE KEY-----`,
  ENCRYPTION_KEY: canary('broken-encryption-key'),
};

describe('what is secret', () => {
  const notes = join(tmpdir(), `kosuke-children-${process.pid}`);
  const settings = { LOG_LEVEL: 'trace', HEALTH_TIMEOUT: '3s', BUILD_CONCURRENCY: '4', ...recordingChildren(notes) };
  const theWorld = useWorld(settings, { envFile: { names: ['PRIVATE_KEY', 'WEBHOOK_SECRET'], others } });
  let watching: Watching;
  const places: Place[] = [];
  /** What the journey met so far. */
  const stories: Story[] = [];
  let journeyIsOver = false;
  before(() => {
    watching = watchDescendants(() => theWorld().program.pid);
  });
  after(async () => {
    await watching.stop();
    await rm(notes, { force: true });
  });

  test('goes on a journey: opens, pushes while REST fails, fails in every way', async () => {
    stories.push(...(await setOut(theWorld(), places)));
  });

  test('goes on a journey: fetches while git fails, and a token expires', async () => {
    stories.push(...(await throughBadGit(theWorld())));
  });

  test('goes on a journey: a forged webhook, commands, a stop, starts with wrong settings, a start, a close', async () => {
    await returnHome(theWorld(), stories, places);
    journeyIsOver = true;
  });

  test('stands nowhere after a full journey with failures: logs, store, files, arguments, containers, images, builds, GitHub, pages, metrics', async () => {
    assert.ok(journeyIsOver, 'the journey came to its end');
    const world = theWorld();
    places.push(...(await look(world, stories)));
    await world.program.stop();
    const dataDir = world.program.env['DATA_DIR']!;
    const own = { key: join(dataDir, 'encryption-key'), envFile: join(dataDir, '.env') };
    const secrets = await secretsOf(world, own.key, own.envFile);
    assert.equal((await stat(own.key)).mode & 0o777, 0o600);

    places.push(...(await filePlaces(world.dir, [own.key, own.envFile])), ...(await storePlaces(dataDir)), ...watching.seen());
    const children = await recordedChildren(notes);
    places.push(...children.map((words) => ({ where: 'the arguments of a child', what: words.join(' ') })));

    assertWide(places, children, secrets);
    assert.deepEqual(findSecrets(places, secrets), []);
  });
});

/** Each part collects what is there only meanwhile. */
async function setOut(world: World, places: Place[]): Promise<Story[]> {
  const repository = await world.github.createRepository({ owner: 'vault-team', name: 'vault', private: true, files: everything({ text: 'main' }) });
  const first = await openServing(world, { repository, branch: 'feature/a', files: everything({ text: 'one' }), text: 'one' });
  const second = await openServing(world, { repository, branch: 'feature/b', files: everything({ text: 'b' }), text: 'b' });
  places.push(...(await enginePlaces(world)), ...(await previewPlaces(world, [first.host])));
  await throughBadRest(world, first);
  return [first, second, ...(await failing(world, repository, places))];
}

async function returnHome(world: World, [first, second]: readonly Story[], places: Place[]): Promise<void> {
  const { github, program } = world;
  assert.ok(first !== undefined && second !== undefined);
  const run = async (...words: string[]) => void places.push(said(words, await command(world, ...words)));
  places.push({ where: 'answer to a wrong signature', what: await forged(world) });
  for (const words of [['list', '--json'], ['logs', first.host], ['sleep', second.host]]) await run(...words);
  places.push(...(await enginePlaces(world)), ...(await previewPlaces(world, [second.host])));
  for (const words of [['wake', second.host], ['redeploy', first.host], ['sweep']]) await run(...words);

  await program.stop();
  await run('logs', first.host, '--json');
  for (const [name, value] of Object.entries(wrong)) {
    const ran = await command({ program: { env: { ...program.env, [name]: value } } }, 'serve');
    assert.equal(ran.code, 1, `${name}: ${ran.out}${ran.err}`);
    places.push(said(['serve with a wrong', name], ran));
  }
  await program.start();
  await untilRunning(world, first.host);
  await github.closePullRequest({ repository: second.repository, number: second.pull.number });
  await untilComment(world, second.repository, second.pull.number, /removed/);
  await untilNothingLeftOf(world, second.host);
}

/** An app that keeps all of its build's context and environment. */
function everything(options: AppOptions) {
  return app({ ...options, instruction: 'COPY . /everything\nRUN env > /build-environment && ls -laR /everything /run /var > /build-files || true' });
}

/** A build that fails, an app that exits, one that listens elsewhere. */
async function failing(world: World, repository: RepositorySnapshot, places: Place[]): Promise<Story[]> {
  const ways: Record<string, AppOptions> = {
    'fails/build': { text: 'x', instruction: 'COPY . /everything\nRUN env; ls -laR /everything; exit 9' },
    'fails/exit': { text: 'x', exits: { code: 41, says: '$(env)' } },
    'fails/port': { text: 'x', listensOn: [8098, 8099] },
  };
  return Promise.all(
    Object.entries(ways).map(async ([branch, options]) => {
      const story = await openPull(world, { repository, branch, files: app(options) });
      await eventually('its container is seen', async () => {
        const names = (await world.remains()).containers.filter((name) => name.startsWith(`kosuke-preview-${story.host}-`));
        for (const name of names) places.push(...(await containerPlaces(world.docker, name)));
        return names.length > 0 || branch === 'fails/build';
      });
      await untilComment(world, repository, story.pull.number, /🔴 Failed/);
      await untilAnswers(world, story.host, 502, '');
      return story;
    }),
  );
}

/** Each fault of GitHub's REST happens to one request, whichever comes then; the push goes live in the end. */
async function throughBadRest(world: World, { repository, branch, host }: Story): Promise<void> {
  const { github } = world;
  const faults: (() => Verdict)[] = [
    () => ({ delayMs: 13_000 }),
    () => ({ status: 500, body: { message: `Server error while handling ${told(world)}` } }),
    () => ({ status: 401, body: { message: `Bad credentials: ${told(world)}` } }),
    () => ({ status: 403, body: { message: `Resource not accessible by integration, ${told(world)}` } }),
    () => ({ status: 502, body: `<html>${told(world)}</html>`, headers: { 'Content-Type': 'text/html' } }),
    () => 'drop',
  ];
  github.intercept(({ kind }) => (kind === 'rest' ? faults.shift()?.() : undefined));
  await github.commit({ repository, branch, files: everything({ text: 'two' }) });
  await untilLater(`${host} serves`, async () => (await world.get(host)).text.includes('two'));
  await untilLater('every fault happened', () => faults.length === 0);
  github.intercept(undefined);
}

/** Each fault of git over HTTP happens to the first fetch of a repository of its own, which is tried again. */
async function throughBadGit(world: World): Promise<Story[]> {
  const { github } = world;
  const headers = { 'Content-Type': 'text/plain' };
  const faults: { at: string; verdict: () => Verdict }[] = [
    { at: 'info/refs', verdict: () => ({ status: 401, body: `No entry for ${told(world)}`, headers }) },
    { at: 'info/refs', verdict: () => ({ status: 403, body: `No entry for ${told(world)}`, headers }) },
    { at: 'info/refs', verdict: () => ({ status: 500, body: `Out of order: ${told(world)}`, headers }) },
    { at: 'info/refs', verdict: () => 'drop' },
    { at: 'git-upload-pack', verdict: () => ({ delayMs: 1_500 }) },
    { at: 'git-upload-pack', verdict: () => void github.expireTokens() },
  ];
  const waiting = new Map(faults.map(({ at, verdict }, number) => [`/hour-${number}-team/hour.git/${at}`, verdict]));
  github.intercept(({ kind, path }) => {
    const verdict = kind === 'git' ? waiting.get(path) : undefined;
    waiting.delete(path);
    return verdict?.();
  });
  const stories = await Promise.all(
    faults.map(async (_, number) => {
      const repository = await github.createRepository({ owner: `hour-${number}-team`, name: 'hour', private: true, files: app({ text: 'main' }) });
      const branch = 'feature/x';
      await github.commit({ repository, branch, files: app({ text: `hour ${number}` }) });
      const pull = await github.openPullRequest({ repository, head: branch });
      const body = () => github.comments(repository, pull.number).find(({ byApp }) => byApp)?.body ?? '';
      const host = await untilLater(`the preview of hour ${number} is told of`, () => body().includes('](http') && hostIn(body()));
      await untilLater(`${host} serves`, async () => (await world.get(host)).text.includes(`hour ${number}`));
      return { repository, branch, pull, host };
    }),
  );
  assert.deepEqual([...waiting.keys()], [], 'every fault happened');
  github.intercept(undefined);
  return stories;
}

/** What a bad answer repeats: the credentials that it was last shown. */
function told({ github }: World): string {
  return github.credentials().slice(-4).join(' ');
}

/** Longer than the waits between the attempts of a comment whose token was expired under it: a new one is asked for after a minute. */
function untilLater<T>(what: string, check: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  return eventually(what, check, { within: 120_000 });
}

async function forged({ program }: World): Promise<string> {
  const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-github-delivery': 'aaaaaaaa-0000-0000-0000-000000000001', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
  const answer = await fetch(`http://127.0.0.1:${program.env['PORT']}/api/github/webhooks`, { method: 'POST', headers, body: '{}', signal: AbortSignal.timeout(5_000) });
  assert.equal(answer.status, 401);
  return `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
}

function said(words: string[], { code, out, err }: Ran): Place {
  return { where: `what the command ${words.join(' ')} says`, what: `${code}\n${out}\n${err}` };
}

async function untilNothingLeftOf(world: World, host: string): Promise<void> {
  await eventually(`nothing of ${host} is left`, async () => !Object.values(await world.remains()).flat().some((name) => name.includes(host)), { within: 30_000 });
}

async function look(world: World, stories: readonly Story[]): Promise<Place[]> {
  const atGithub: Place[] = [];
  for (const { repository, pull } of stories) atGithub.push(...(await githubPlaces(world, repository, [pull.number])));
  const base = `http://127.0.0.1:${world.program.env['PORT']}`;
  return [
    ...(await enginePlaces(world)),
    ...atGithub,
    ...(await previewPlaces(world, [...stories.map(({ host }) => host), 'project-1-nothing', 'project-9-nothing'])),
    ...(await programPlaces(base)),
    ...(await answerPlaces(`http://127.0.0.1:${world.traefik!.apiPort}/api/rawdata`)),
  ];
}

async function secretsOf(world: World, keyFile: string, envFile: string): Promise<Secret[]> {
  const env = parseEnv(await readFile(envFile, 'utf8'));
  const key = await readFile(keyFile, 'utf8');
  const { instanceKey } = await openIdentity({ dataDir: world.program.env['DATA_DIR']!, instanceId: world.instance, encryptionKey: null });
  assert.equal(env['PRIVATE_KEY'], world.github.privateKey);
  const text = (name: string, value = '') => ({ name, value });
  return [
    ...privateKeyParts(world.github.privateKey),
    text('the webhook secret', env['WEBHOOK_SECRET']),
    text('the encryption key', key.trim()),
    { name: 'the bytes of the encryption key', value: Buffer.from(key, 'base64') },
    { name: "the instance's key", value: instanceKey },
    ...Object.entries(others).flatMap(([name, value]) => (name === 'GITHUB_CLIENT_ID' ? [] : [text(name, value)])),
    ...Object.entries(wrong).flatMap(([name, value]) => text(`a wrong ${name}`, /canary-[\w-]+/.exec(value)?.[0] ?? value)),
    // What stands before the last dot of a JWT is no secret: when, and by which App.
    ...world.github.credentials().map((value) => text(value.includes('.') ? 'a JWT' : 'an installation token', value.split('.').at(-1))),
  ];
}

/** Pieces of its private exponent and primes: of the file in which they lie, and as numbers. */
function privateKeyParts(pem: string): Secret[] {
  const lines = pem.trim().split('\n').slice(1, -1);
  const { d = '', p = '', q = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  return [
    ...[8, 11, 14, 18, 22].map((at) => ({ name: `line ${at} of the private key`, value: lines[at]! })),
    ...Object.entries({ d, p, q }).map(([name, number]) => ({ name: `the number ${name} of the private key`, value: Buffer.from(number, 'base64url').subarray(2, 34) })),
  ];
}

/** That nothing was found must not come of not having looked. */
function assertWide(places: readonly Place[], children: readonly string[][], secrets: readonly Secret[]): void {
  const kinds = [
    /program\.log$/, /row \d+ of the table public\.deliveries/, /public\.log_lines/, /public\.comments/, /\/data\/db\//, /\/git\/1\.git\/config$/, /objects in .*1\.git/, /kosuke-gate\.yml$/,
    /inspection of the container/, /environment inside/, /files in the container/, /log of the container/, /inspection of the image/, /history of the image/, /layers of the image/,
    /comment \d+ on #1/, /deployment \d+ with its statuses/, /answer of .*\/logs\/.*text\/html/, /answer of .*\/metrics/, /answer of .*\/readyz/, /_kosuke\/status/, /command line that \/proc shows/,
  ];
  for (const kind of kinds) assert.ok(places.some(({ where }) => kind.test(where)), String(kind));
  const all = (kind: RegExp) => places.filter(({ where }) => kind.test(where)).map(({ what }) => what.toString('latin1')).join('\n');
  assert.match(all(/layers of the image/), /everything\/Dockerfile/);
  assert.match(all(/layers of the image/), /BUILDKIT_CACHE_MOUNT_NS|PATH=/);
  assert.match(all(/\/proc shows/), /git-remote-http/);
  assert.match(all(/program\.log$/), /"level":20/);
  assert.deepEqual([...new Set(children.map(([file]) => file))], ['git']);
  assert.ok(children.some((words) => words.includes('fetch')));
  const count = (name: string) => secrets.filter((secret) => secret.name === name).length;
  assert.ok(count('an installation token') > 12 && count('a JWT') > 2, `${count('an installation token')} tokens, ${count('a JWT')} JWTs`);
}
