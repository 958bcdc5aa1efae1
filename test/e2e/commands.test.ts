import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { command, type Ran } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { openServing, type Story } from '../support/story.ts';
import { holds, remainsOf, untilAnswers, untilComment, untilServes, useWorld, type World } from '../support/world.ts';

/** In no other image on the engine: what is built twice is one image under two names. */
const text = `under command ${randomUUID()}`;

describe('the commands', () => {
  const world = useWorld();

  test('work on previews while the program runs', async () => {
    const story = await openServing(world(), { repository: 'commanded', branch: 'feature/a', text });
    await throughAll(world(), story);
  });

  test('work on previews while the program does not run', async () => {
    const story = await openServing(world(), { repository: 'alone', branch: 'feature/b', text });
    await world().program.stop();
    await throughAll(world(), story);
    await world().program.start();
  });

  test('`sweep --dry-run` says what would be done, and does none of it, whether the program runs or not', async () => {
    const { repository, branch, host } = await openServing(world(), { repository: 'planned', branch: 'feature/c', text });
    const ofIt = async () => ok(await command(world(), 'sweep', '--dry-run')).split('\n').filter((line) => line.startsWith(`${host}\t`));
    await eventually('all is as it should be', async () => (await ofIt()).length === 0);
    await world().program.stop();
    const [container = ''] = await containersOf(world(), host);
    await world().docker.getContainer(container).remove({ force: true });
    const version = container.split('-').at(-1);
    const expected = [[host, repository.fullName, branch, `start version ${version} again`].join('\t')];
    assert.deepEqual([await ofIt(), await ofIt()], [expected, expected]);
    assert.deepEqual(await containersOf(world(), host), []);
    await world().program.start();
    await untilServes(world(), host, text);
  });

  test('say what is wrong, in one sentence and with exit code 1, about a preview that is not there', async () => {
    for (const verb of ['logs', 'sleep', 'wake', 'redeploy', 'remove']) {
      const { code, out, err } = await command(world(), verb, 'acme/nothing#1');
      assert.deepEqual([verb, code, out], [verb, 1, '']);
      assert.match(err, /^There is no such preview\. .*list --all.*\n$/);
    }
  });
});

/** Every command on one preview, each checked by what it changes. What nobody can see while the program is down is left out then. */
async function throughAll(world: World, { repository, branch, pull, host }: Story): Promise<void> {
  const name = `${repository.fullName}#${pull.number}`;
  const listed = ok(await command(world, 'list'));
  const row = listed.split('\n').find((line) => line.includes(host));
  assert.deepEqual(row?.split('\t'), [world.url(host), 'running', pull.head.sha.slice(0, 7), repository.fullName, `${branch} (#${pull.number})`]);
  assert.match(ok(await command(world, 'logs', host)), /COPY index\.html[\s\S]*Image ready, the app is expected on port 3000/);

  assert.match(ok(await command(world, 'sleep', name)), new RegExp(`^${host} is asleep`));
  assert.equal(await runningOf(world, host), 0);
  assert.deepEqual(await holds(world), []);
  if (world.program.pid !== null) {
    const asleep = await untilAnswers(world, host, 503, `npx kosuke-preview wake ${host}`);
    assert.equal(asleep.headers['x-kosuke-state'], 'asleep');
    await untilComment(world, repository, pull.number, /Asleep.*wake/s);
  }

  assert.match(ok(await command(world, 'wake', `${repository.fullName}@${branch}`)), new RegExp(`^${host} is running`));
  await untilServes(world, host, text);
  const woken = (await world.get(host)).headers['x-kosuke-deployment'];
  const image = await imageOf(world, `kosuke-preview-${host}-${woken}`);

  assert.match(ok(await command(world, 'redeploy', world.url(host))), new RegExp(`^${host} is running`));
  const redeployed = (await world.get(host)).headers['x-kosuke-deployment'];
  const rebuilt = await imageOf(world, `kosuke-preview-${host}-${redeployed}`);
  assert.ok(Number(redeployed) > Number(woken), `deployment ${redeployed} after ${woken}`);
  assert.match(ok(await command(world, 'sweep')), /^Looked at \d+ previews?;/);

  assert.match(ok(await command(world, 'remove', host)), new RegExp(`^${host} is removed`));
  assert.deepEqual(await remainsOf(world, host), []);
  for (const id of [image, rebuilt]) await assert.rejects(world.docker.getImage(id).inspect(), { statusCode: 404 }, `the image ${id} is left behind`);
  assert.ok(!ok(await command(world, 'list')).includes(host));
  assert.match(ok(await command(world, 'list', '--all')), new RegExp(`${host}.*removed`));
  if (world.program.pid !== null) {
    await untilAnswers(world, host, 410, '');
    await untilComment(world, repository, pull.number, /Somebody removed this preview/);
    await eventually('both deployments are inactive', () => {
      const last = world.github.deployments(repository).map(({ statuses }) => statuses.at(-1)?.state);
      assert.deepEqual(last, ['inactive', 'inactive']);
      return true;
    });
  }
}

function ok({ code, out, err }: Ran): string {
  assert.equal(code, 0, `${out}\n${err}`);
  return out;
}

async function containersOf(world: World, host: string): Promise<string[]> {
  return (await world.remains()).containers.filter((name) => name.startsWith(`kosuke-preview-${host}-`));
}

async function imageOf(world: World, container: string): Promise<string> {
  return (await world.docker.getContainer(container).inspect()).Image;
}

async function runningOf(world: World, host: string): Promise<number> {
  let running = 0;
  for (const name of await containersOf(world, host)) {
    if ((await world.docker.getContainer(name).inspect()).State.Running) running += 1;
  }
  return running;
}
