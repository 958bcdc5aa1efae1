import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { pack } from 'tar-stream';
import { installationToken, rest } from '../integration/local-github/harness.ts';
import { app } from '../support/apps.ts';
import { engineForTest } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { recordedChildren, recordingChildren, watchDescendants } from '../support/secrets/children.ts';
import { containerPlaces, imagePlaces } from '../support/secrets/engine-places.ts';
import { filePlaces } from '../support/secrets/file-places.ts';
import { findSecrets, type Place } from '../support/secrets/search.ts';
import { storePlaces } from '../support/secrets/store-places.ts';
import { githubPlaces, previewPlaces, programPlaces } from '../support/secrets/web-places.ts';
import { openPull, type Story } from '../support/story.ts';
import { startTestWorld, untilAnswers, untilComment, type World } from '../support/world.ts';

const run = promisify(execFile);
const basic = (canary: string) => Buffer.from(`x-access-token:${canary}`).toString('base64');

/** Each: puts the canary where no secret may be, collects as `secrets.test.ts` does, and names the place at which it is to be found. */
type Planting = (canary: string) => Promise<{ places: Place[]; at: RegExp }>;

describe('the search of secrets.test.ts finds a secret that is', () => {
  const engine = engineForTest();
  const { docker } = engine;
  let world: World;
  let story: Story;
  let scratch: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kosuke-planted-'));
    world = await startTestWorld();
    const files = app({ text: 'x', instruction: 'RUN echo as it is built && exit 9' });
    story = await openPull(world, { repository: 'planted', files });
    await untilComment(world, story.repository, story.pull.number, /🔴 Failed/);
  });
  after(async () => {
    await engine.cleanUp();
    await world?.close();
    await rm(scratch, { recursive: true, force: true });
  });

  /** A container that runs `script`, with more of its specification; gone when what it is for has been looked at. */
  async function inContainer(script: string, more: { env?: Record<string, string>; image?: string }, look: (name: string) => Promise<Place[]>): Promise<Place[]> {
    const image = await engine.image(`run-${randomBytes(4).toString('hex')}`, [`CMD ${JSON.stringify(['sh', '-c', `${script}; echo ready; sleep 60`])}`]);
    const deploymentId = 1 + Math.floor(Math.random() * 1e9);
    const { id } = await engine.engine.createContainer(engine.spec(deploymentId, { image, ...more }), AbortSignal.timeout(20_000));
    await engine.engine.startContainer(id, AbortSignal.timeout(20_000));
    await eventually('it has begun', async () => (await engine.engine.logTail(id, 1_000, AbortSignal.timeout(5_000))).includes('ready'));
    return look(id);
  }

  /** The image that comes of a directory's files and a Dockerfile. */
  async function built(tag: string, files: Record<string, string>): Promise<Place[]> {
    const name = `kosuke-test/${engine.instance}:${tag}`;
    const tar = pack();
    for (const [path, text] of Object.entries(files)) tar.entry({ name: path }, text);
    tar.finalize();
    const stream = await docker.buildImage(Readable.from(tar, { objectMode: false }), { t: name });
    await new Promise((resolve, reject) => docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))));
    return imagePlaces(docker, name);
  }

  const mirror = () => join(world.program.env['DATA_DIR']!, 'git', '1.git');
  const dataPlaces = () => filePlaces(world.dir, []);

  const plantings: Record<string, [Planting]> = {
    'in a line of the log': [
      async (canary) => {
        await appendFile(world.program.logFile, `${JSON.stringify({ level: 20, msg: 'x', headers: { authorization: `Basic ${basic(canary)}` } })}\n`);
        return { places: await dataPlaces(), at: /program\.log$/ };
      },
    ],
    'in a file for Traefik': [
      async (canary) => {
        await writeFile(join(world.program.env['TRAEFIK_DYNAMIC_DIR']!, '.kosuke-planted'), encodeURIComponent(`"${canary}"`));
        return { places: await dataPlaces(), at: /\.kosuke-planted$/ };
      },
    ],
    'in the configuration of a git mirror': [
      async (canary) => {
        await run('git', ['--git-dir', mirror(), 'config', 'http.extraHeader', `Authorization: Basic ${basic(canary)}`]);
        return { places: await dataPlaces(), at: /1\.git\/config$/ };
      },
    ],
    'in an object of a git mirror': [
      async (canary) => {
        await writeFile(join(scratch, 'object'), canary);
        await run('git', ['--git-dir', mirror(), 'hash-object', '-w', join(scratch, 'object')]);
        return { places: await dataPlaces(), at: /objects in .*1\.git/ };
      },
    ],
    'in the arguments of a child that ends at once': [
      async (canary) => {
        const file = join(scratch, 'children');
        const script = `require('node:child_process').spawn('true', ['--token', '${canary}'])`;
        await run(process.execPath, ['-e', script], { env: { PATH: process.env['PATH'], ...recordingChildren(file) } });
        const places = (await recordedChildren(file)).map((words) => ({ where: 'the arguments of a child', what: words.join(' ') }));
        return { places, at: /arguments of a child/ };
      },
    ],
    "in the arguments of a child's child": [
      async (canary) => {
        const child = spawn('sh', ['-c', `sh -c 'sleep 30; :' sh ${Buffer.from(canary).toString('hex')}; :`], { detached: true, stdio: 'ignore' });
        const watching = watchDescendants(() => child.pid ?? null);
        await eventually('it is seen', () => watching.seen().some(({ what }) => what.includes('sleep 30; : sh')));
        process.kill(-child.pid!, 'SIGKILL');
        await watching.stop();
        return { places: watching.seen(), at: /command line that \/proc shows/ };
      },
    ],
    'in the environment of a container': [
      async (canary) => {
        const places = await inContainer('true', { env: { API_KEY: canary } }, (name) => containerPlaces(docker, name));
        assert.ok(findSecrets(places, [{ name: 'x', value: canary }]).some(({ where }) => where.startsWith('environment inside')));
        return { places, at: /^inspection of the container/ };
      },
    ],
    'in a file of a running container': [
      async (canary) => ({ places: await inContainer(`echo ${Buffer.from(canary).toString('base64')} > /tmp/file`, {}, (name) => containerPlaces(docker, name)), at: /^files in the container/ }),
    ],
    'in the log of a container': [async (canary) => ({ places: await inContainer(`echo ${canary} >&2`, {}, (name) => containerPlaces(docker, name)), at: /^log of the container/ })],
    'in the context of a build': [
      async (canary) => ({ places: await built('context', { Dockerfile: 'FROM busybox:1.37\nCOPY . /everything\n', '.env': `SECRET="${canary}"\n` }), at: /^layers of the image/ }),
    ],
    'in a layer of an image that a later layer hides': [
      async (canary) => ({ places: await built('hidden', { Dockerfile: 'FROM busybox:1.37\nCOPY file /file\nRUN rm /file\n', file: canary }), at: /^layers of the image/ }),
    ],
    'in the history of an image': [
      async (canary) => ({ places: await built('history', { Dockerfile: `FROM busybox:1.37\nRUN true ${canary}\n` }), at: /^history of the image/ }),
    ],
    'in the environment of an image': [
      async (canary) => ({ places: await built('inspection', { Dockerfile: `FROM busybox:1.37\nENV TOKEN=${canary}\n` }), at: /^inspection of the image/ }),
    ],
    'in a comment': [
      async (canary) => {
        world.github.comment({ repository: story.repository, number: story.pull.number, body: `\`${canary}\`` });
        return { places: await githubPlaces(world, story.repository, [story.pull.number]), at: /^comment \d+ on #1/ };
      },
    ],
    'in the status of a deployment': [
      async (canary) => {
        const token = await installationToken(world.github, story.repository.owner);
        const [deployment] = world.github.deployments(story.repository);
        const path = `/repos/${story.repository.fullName}/deployments/${deployment!.id}/statuses`;
        assert.equal((await rest(world.github, token, 'POST', path, { body: { state: 'failure', description: canary } })).status, 201);
        return { places: await githubPlaces(world, story.repository, []), at: /^deployment \d+ with its statuses/ };
      },
    ],
    'on a page of the gate': [
      async (canary) => {
        await world.github.editPullRequest({ repository: story.repository, number: story.pull.number, title: `<${canary}>` });
        await eventually('the page shows the title', async () => (await world.get(story.host, { headers: { accept: 'text/html' } })).text.includes(canary));
        return { places: await previewPlaces(world, [story.host]), at: /answer of http:\/\/project-1-.*\/ in text\/html/ };
      },
    ],
    'among the metrics, or in a header': [
      async (canary) => {
        const server = createServer((request, response) => {
          if (request.url === '/metrics') response.end(`requests_total{token="${canary}"} 1\n`);
          else response.writeHead(404, { 'x-token': canary }).end();
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const places = await programPlaces(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        server.close();
        assert.ok(findSecrets(places, [{ name: 'x', value: canary }]).some(({ where }) => /\/healthz in/.test(where)));
        return { places, at: /\/metrics in text\/plain/ };
      },
    ],
    'in a row of the store, and in the log of a build': [
      async (canary) => {
        const { program } = world;
        await program.stop();
        const database = await PGlite.create({ dataDir: join(program.env['DATA_DIR']!, 'db') });
        await database.query(`insert into log_lines (deployment_id, seq, at, stream, text) select id, log_count, now(), 'stdout', $1 from deployments`, [`token=${canary}`]);
        await database.close();
        const rows = await storePlaces(program.env['DATA_DIR']!);
        assert.ok(findSecrets(rows, [{ name: 'x', value: canary }]).some(({ where }) => /row \d+ of the table public\.log_lines/.test(where)));
        await program.start();
        await untilAnswers(world, story.host, 502, '');
        return { places: await githubPlaces(world, story.repository, [story.pull.number]), at: /answer of .*\/logs\/.* in text\/html/ };
      },
    ],
  };

  for (const [name, [plant]] of Object.entries(plantings)) {
    test(name, async () => {
      const canary = `canary-${randomBytes(12).toString('hex')}`;
      const { places, at } = await plant(canary);
      const found = findSecrets(places, [{ name: 'canary', value: canary }]);
      assert.ok(found.some(({ where }) => at.test(where)), `${places.map(({ where }) => where).join('\n')}\n${JSON.stringify(found)}`);
    });
  }
});
