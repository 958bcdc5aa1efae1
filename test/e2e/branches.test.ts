import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { instanceFilter, reservedKeys } from '../../src/domain/labels.ts';
import { recordHolds } from '../support/moments.ts';
import { newRepository, openServing, type Story } from '../support/story.ts';
import { untilComment, useWorld, type World } from '../support/world.ts';

const owned = join(tmpdir(), `kosuke-owned-${process.pid}`);

const names = [
  'feature/a',
  'feature-a',
  'Feature/A',
  `long/${'abcdefghij'.repeat(19)}12345`,
  `it's-"quoted"-$(touch$IFS${owned})-\`id\``,
  '<script>alert(1)</script>',
  '`)||Host(`evil.example',
  'fünf/日本',
  '%0d%0aSet-Cookie',
];

/** Those that are not the same as their slug. */
const outlandish = names.filter((name) => name !== 'feature-a');

describe('branches of any name', () => {
  const world = useWorld();

  test('each have a valid host of their own and show their own content', async (context) => {
    const holdsSeen = recordHolds(context, world());
    assert.equal(names[3]!.length, 200);
    const repository = await newRepository(world(), 'names');
    const stories: Story[] = [];
    for (const [at, branch] of names.entries()) stories.push(await openServing(world(), { repository, branch, text: `content ${at}` }));

    const hosts = stories.map(({ host }) => host);
    assert.equal(new Set(hosts).size, names.length, hosts.join());
    for (const host of hosts) assert.match(host, /^project-1-[a-z0-9](?:[a-z0-9-]{0,52}[a-z0-9])?$/);
    assert.equal(hosts[0], 'project-1-feature-a');
    for (const [at, { host, pull }] of stories.entries()) {
      const { text, headers } = await world().get(host);
      assert.match(text, new RegExp(`<p>content ${at}</p>`));
      assert.equal(headers['x-kosuke-commit'], pull.head.sha);
      const comment = await untilComment(world(), repository, pull.number, /Running/);
      assert.doesNotMatch(comment.body, /<script|alert\(1\)/);
    }
    await assertNamesStayOutside(world(), holdsSeen);
  });
});

/** A branch's name stands in the app's environment, where it is asked for, and nowhere in what the engine and Traefik go by. */
async function assertNamesStayOutside(world: World, holds: readonly string[]): Promise<void> {
  const containers = await world.docker.listContainers({ all: true, filters: { label: [instanceFilter(world.instance)] } });
  assert.equal(containers.length, names.length);
  const heard: string[] = [];
  for (const { Id } of containers) {
    const { Config, Name, NetworkSettings } = await world.docker.getContainer(Id).inspect();
    heard.push(...Config.Env.flatMap((entry) => (entry.startsWith('PREVIEW_BRANCH=') ? [entry.slice('PREVIEW_BRANCH='.length)] : [])));
    const ours = Object.entries(Config.Labels).filter(([key]) => reservedKeys({ [key]: '' }).length > 0);
    for (const text of [...ours.flat(), Name, Config.Image, ...Object.keys(NetworkSettings.Networks)]) assertTame(text);
  }
  assert.deepEqual(heard.toSorted(), names.toSorted());

  assert.ok(holds.length >= names.length, `${holds.length} holds were seen`);
  for (const text of holds) for (const line of text.split('\n')) assertTame(line);
  const gate = await readFile(join(world.program.env['TRAEFIK_DYNAMIC_DIR']!, 'kosuke-gate.yml'), 'utf8');
  for (const name of outlandish) assert.ok(!gate.includes(name));
  await assert.rejects(readFile(owned), { code: 'ENOENT' }, 'a branch name was run as a command');
}

/** Only the characters of names that we make ourselves; a rule holds exactly one host, and a list the two middlewares of one container. */
function assertTame(text: string): void {
  assert.match(text, /^[A-Za-z0-9 .:/"@_-]*$|^[a-z ]*"?(?:rule: )?"?Host\(`[a-z0-9.-]+`\)"?$|^([a-z0-9-]+),\1-host$/);
  for (const name of outlandish) assert.ok(!text.includes(name), `${name} stands in ${text}`);
}
