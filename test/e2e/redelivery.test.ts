import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isHandled } from '../../src/github/events.ts';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { ledgerOf } from '../support/ledger.ts';
import { hostIn, newRepository, openServing } from '../support/story.ts';
import { untilAnswers, untilComment, untilServes, useWorld, type World } from '../support/world.ts';

describe('webhooks that were sent while the program was down', () => {
  const world = useWorld({ LOG_LEVEL: 'debug' });

  test('are fetched and run after its next start, each once, without the sweep; another start fetches nothing', async () => {
    const { github, program } = world();
    const repository = await newRepository(world(), 'missed');
    const pushed = await openServing(world(), { repository, branch: 'pushed', text: 'old' });
    const closed = await openServing(world(), { repository, branch: 'closed', text: 'closing' });
    const back = await openServing(world(), { repository, branch: 'back', text: 'again' });
    await (await program.operations()).remove({ preview: { kind: 'host', hostLabel: back.host } });
    await untilAnswers(world(), back.host, 410, 'Somebody removed it');
    await github.closePullRequest({ repository, number: back.pull.number });
    await github.delivered();
    const before = github.deliveries();
    await eventually('all that came is handled', () => before.filter(isOurs).every(({ guid }) => handled(world(), guid) === 1));
    await program.kill();

    await github.commit({ repository, branch: 'pushed', files: app({ text: 'new' }) });
    await github.closePullRequest({ repository, number: closed.pull.number });
    await github.reopenPullRequest({ repository, number: back.pull.number });
    await github.commit({ repository, branch: 'opened', from: 'main', files: app({ text: 'opened' }) });
    const opened = await github.openPullRequest({ repository, head: 'opened', title: 'While you were away' });
    await github.delivered();
    const sent = github.deliveries().slice(before.length);
    assert.deepEqual(sent.map(({ event, action }) => [event, action]), [
      ['push', null],
      ['pull_request', 'synchronize'],
      ['pull_request', 'closed'],
      ['pull_request', 'reopened'],
      ['create', null],
      ['push', null],
      ['pull_request', 'opened'],
    ]);
    assert.deepEqual(sent.filter(({ status }) => status !== 0), []);

    // The sweep sees neither repositories nor pull requests: nobody but the webhooks can tell of them.
    github.intercept(({ kind, path }) => (kind === 'rest' && path === '/app/installations' ? { status: 500 } : undefined));
    await program.start();
    await eventually('each is handled', () => sent.every(({ guid }) => handled(world(), guid) === 1), { within: 30_000 });
    const { body } = await untilComment(world(), repository, opened.number, /\]\(http/);
    await untilServes(world(), hostIn(body), 'opened');
    await untilServes(world(), pushed.host, 'new');
    await untilServes(world(), back.host, 'again');
    await untilComment(world(), repository, closed.pull.number, /the preview was removed/);
    assert.ok(program.lines().some(({ msg }) => /installations could not be read/.test(msg)));
    assert.deepEqual(readBack(world()).at(-1), { stored: sent.length, lost: 0 });
    assert.deepEqual(sent.map(({ guid }) => handled(world(), guid)), sent.map(() => 1));
    await program.stop();
    const ledger = await ledgerOf(world());
    assert.deepEqual(sent.map(({ guid }) => ledger.get(guid)), sent.map(() => 'handled'));

    const fetched = fetches(world());
    const starts = readBack(world()).length;
    assert.equal(fetched, sent.length);
    await program.start();
    await eventually('it has read back', () => readBack(world()).length > starts);
    assert.deepEqual(readBack(world()).at(-1), { stored: 0, lost: 0 });
    assert.equal(fetches(world()), fetched);
    await program.stop();
    assert.deepEqual(await ledgerOf(world()), ledger);
    assert.deepEqual(sent.map(({ guid }) => handled(world(), guid)), sent.map(() => 1));
  });

  test('do not hold up the start while GitHub does not list them, and are fetched when it does', async () => {
    const { github, program } = world();
    github.intercept(({ kind, path }) => (kind === 'rest' && path === '/app/hook/deliveries' ? { status: 503 } : undefined));
    const repository = await newRepository(world(), 'late');
    await github.delivered();
    const sent = github.deliveries().at(-1)!;
    assert.equal(sent.status, 0);
    await program.start();
    await eventually('it is said', () => program.lines().some(({ msg }) => /could not all be read back; it is tried again/.test(msg)));
    const story = await openServing(world(), { repository, branch: 'late', text: 'all the same' });
    await untilServes(world(), story.host, 'all the same');
    assert.equal(handled(world(), sent.guid), 0);
    github.intercept(undefined);
    await eventually('it is handled', () => handled(world(), sent.guid) === 1, { within: 25_000 });
  });
});

function isOurs({ event, payload }: { event: string; payload: object }): boolean {
  return isHandled(event, payload);
}

/** How often the handlers of a webhook came to their end, in all runs of the program. */
function handled(world: World, guid: string): number {
  return world.program.lines().filter((line) => line.msg === 'webhook handled' && line['guid'] === guid).length;
}

function readBack(world: World): { stored: unknown; lost: unknown }[] {
  const lines = world.program.lines().filter(({ msg }) => msg === 'webhooks that were missed are read back');
  return lines.map(({ stored, lost }) => ({ stored, lost }));
}

function fetches(world: World): number {
  return world.github.requests().filter(({ path }) => path === '/app/hook/deliveries/{delivery_id}').length;
}
