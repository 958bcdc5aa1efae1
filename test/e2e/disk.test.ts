import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { openServing } from '../support/story.ts';
import { startTestWorld, untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

const run = promisify(execFile);
const mib = 1024 ** 2;

describe('the disk of the program', () => {
  let dir: string;
  let world: World;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kosuke-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${400 * mib}`, 'tmpfs', dir]);
    world = await startTestWorld({ DATA_DIR: dir, DISK_BUDGET: 'none' });
  });
  after(async () => {
    await world?.close();
    await run('umount', [dir]);
    await rm(dir, { recursive: true });
  });

  test('full stops builds, not what runs nor the ledger; the pull request says why, and with room again the build is made', async () => {
    const { github } = world;
    const { repository, branch, pull, host } = await openServing(world, { repository: 'filled', text: 'before' });
    await writeFile(join(dir, 'ballast'), Buffer.alloc(await ballast(dir)));

    await github.commit({ repository, branch, files: app({ text: 'after' }) });
    const { body } = await untilComment(world, repository, pull.number, /no room on the disk/);
    assert.match(body, /2\d MiB of 400 MiB are free where the program keeps its data, and a build begins with at least 40 MiB/);
    assert.match((await world.get(host)).text, /before/);
    const operations = await world.program.operations();
    assert.ok((await operations.sleep({ preview: { kind: 'host', hostLabel: host } })).ok);
    assert.ok((await operations.wake({ preview: { kind: 'host', hostLabel: host } })).ok);
    await untilServes(world, host, 'before');

    await rm(join(dir, 'ballast'));
    await untilServes(world, host, 'after');
    await github.closePullRequest({ repository, number: pull.number });
  });

  test('and when all is closed, nothing is left', async () => {
    await untilNothingLeft(world);
  });
});

describe('the disk of the engine', () => {
  const world = useWorld({ DISK_BUDGET: '1m' });

  test('is kept to its budget by a sweep: build cache goes, what runs stays', async () => {
    // What other tests left in the cache goes at the start; nothing is built meanwhile.
    await eventually('the first sweep is over', () => world().program.lines().some(({ msg }) => msg === 'swept'), { within: 120_000 });
    const files = app({ text: 'kept' });
    // A stage of which the image keeps next to nothing: all of it is cache.
    files['Dockerfile'] = `FROM busybox:1.37 AS filling\nRUN dd if=/dev/urandom of=/filling bs=1M count=8 && echo small > /small\n${String(files['Dockerfile']).replace('COPY', 'COPY --from=filling /small /small\nCOPY')}`;
    const { host, repository, branch, pull } = await openServing(world(), { repository: 'cached', files, text: 'kept' });
    assert.ok((await cacheBytes(world())) > 8 * mib);
    const operations = await world().program.operations();
    assert.ok((await operations.sweep()).ok);
    assert.ok((await cacheBytes(world())) < mib);
    assert.match((await world().get(host)).text, /kept/);
    await world().github.commit({ repository, branch, files: app({ text: 'next' }) });
    await untilServes(world(), host, 'next');
    await world().github.closePullRequest({ repository, number: pull.number });
  });

  test('and when all is closed, nothing is left', () => untilNothingLeft(world()));
});

/** So much that 25 MiB stay free. */
async function ballast(dir: string): Promise<number> {
  const { stdout } = await run('df', ['--output=avail', '-B1', dir]);
  return Number(stdout.trim().split('\n').at(-1)) - 25 * mib;
}

async function cacheBytes({ docker }: World): Promise<number> {
  const { BuildCache: cache } = (await docker.df()) as { BuildCache: { Size: number; InUse: boolean }[] | null };
  return (cache ?? []).filter(({ InUse: used }) => !used).reduce((sum, { Size: size }) => sum + size, 0);
}
