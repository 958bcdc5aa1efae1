import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { app } from '../support/apps.ts';
import { command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { nextLine } from '../support/moments.ts';
import { openServing, untilStatuses } from '../support/story.ts';
import { tally, visitors, type Visit } from '../support/visitors.ts';
import { holds, untilAnswers, untilComment, untilServes, useWorld, type World } from '../support/world.ts';

// Two at a time: what visitors meet is measured, and a third crash on the same two cores would be measured with it.
describe('an app that crashes', { concurrency: 2 }, () => {
  const world = useWorld();

  test('is started again at once, then after 10 s, or when a person wakes it', async (context) => {
    const { repository, pull, host } = await openServing(world(), { repository: 'crashing', text: 'alive' });
    const coming = visitors(context, world(), host);
    await killApp(world(), host);
    await coming.untilMet('gate: ');
    await untilServes(world(), host, 'alive');
    const met = await coming.stop();
    assertNoBareErrors(met);

    await killApp(world(), host);
    const page = await untilAnswers(world(), host, 503, '');
    assert.match(page.headers['x-kosuke-state'] ?? '', /^(running|waking)$/);
    const { body } = await untilComment(world(), repository, pull.number, /crashed and is started again/);
    assert.match(body, /exited with code 137/);
    const asked = performance.now();
    const { code, out, err } = await command(world(), 'wake', host);
    assert.equal(code, 0, err);
    assert.match(out, /is running/);
    assert.ok(performance.now() - asked < 7_000, `waking took ${Math.round(performance.now() - asked)} ms`);
    await untilServes(world(), host, 'alive');
    await untilComment(world(), repository, pull.number, /🟢 Running.*is live/s);
    await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'success']);
    await untilFree(world(), host);
  });

  test('a fourth time is left to a person, and everybody is told; a push repairs it', async () => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'looping', text: 'alive' });
    // Started again at once, after 10 s, after 60 s, and then no more.
    for (const waitMs of [0, 10_000, 60_000]) {
      const [container = ''] = await ofHost(world(), host);
      const startedAt = async () => (await world().docker.getContainer(container).inspect()).State.StartedAt;
      const before = await startedAt();
      await killApp(world(), host);
      const again = async () => (await startedAt()) !== before && (await world().get(host)).text.includes('alive');
      await eventually(`it is started again after ${waitMs} ms`, again, { within: waitMs + 25_000, every: 100 });
    }
    await killApp(world(), host);
    const page = await untilAnswers(world(), host, 502, 'crashed');
    assert.equal(page.headers['x-kosuke-state'], 'crashed');
    assert.match(page.text, /exit code 137/);
    const { body } = await untilComment(world(), repository, pull.number, /🔴 Crashed/);
    assert.match(body, /137/);
    await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'success', 'failure']);
    await github.commit({ repository, branch, files: app({ text: 'repaired' }) });
    await untilServes(world(), host, 'repaired');
    await untilComment(world(), repository, pull.number, /🟢 Running/);
    await untilFree(world(), host);
  });

  test('while a new version is coming up: the gate, then the new version', async (context) => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'crossing', text: 'old' });
    const coming = visitors(context, world(), host);
    const started = nextLine(world(), 'started', host);
    const sha = await github.commit({ repository, branch, files: app({ text: 'new', delay: 3 }) });
    await started;
    await killApp(world(), host);
    await coming.untilMet('new');
    const met = await coming.stop();
    assertNoBareErrors(met);
    const said = Object.keys(tally(met)).filter((each) => !each.startsWith('5'));
    assert.deepEqual([said[0], said.at(-1)], ['old', 'new'], said.join());
    assert.ok(said.some((each) => each.startsWith('gate: ')), said.join());
    await untilComment(world(), repository, pull.number, new RegExp(`${sha.slice(0, 7)}.* is live`));
    await eventually('only the new version is left', async () => (await ofHost(world(), host)).length === 1, { within: 20_000 });
    await untilFree(world(), host);
  });
});

/** As the kernel does for want of memory, past the engine: process 1 of the container of the version that serves. */
async function killApp(world: World, host: string): Promise<void> {
  const { headers } = await world.get(host);
  const { State: state } = await world.docker.getContainer(`kosuke-preview-${host}-${headers['x-kosuke-deployment']}`).inspect();
  process.kill(state.Pid, 'SIGKILL');
}

/** Between the death of the app, which takes its network down first, and the word of it at Traefik. */
function assertNoBareErrors(met: readonly Visit[]): void {
  const bare = met.filter(({ said }) => said.startsWith('5') || said.startsWith('GET '));
  const length = bare.length === 0 ? 0 : bare.at(-1)!.at - bare[0]!.at;
  assert.ok(length < 400, `visitors met bare errors for ${Math.round(length)} ms: ${JSON.stringify(tally(bare))}`);
}

/** No hold stands above the container's own labels any more. */
async function untilFree(world: World, host: string): Promise<void> {
  await eventually('the host is not held', async () => !(await holds(world)).includes(`${host}.kosuke.localhost`));
}

async function ofHost(world: World, host: string): Promise<string[]> {
  return (await world.remains()).containers.filter((name) => name.startsWith(`kosuke-preview-${host}-`));
}
