import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { app, slowStep } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/postgres/ask.ts';
import { startPostgres } from '../support/postgres/server.ts';
import { processesWith } from '../support/processes.ts';
import { openPull, openServing, untilStatuses, type Story } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

const postgres = await startPostgres({ durable: true });
const databaseUrl = await postgres.createDatabase();

describe('with a Postgres server as its database', () => {
  const world = useWorld({ DATABASE_URL: databaseUrl, SWEEP_INTERVAL: '3s' }, { fillDataDir: () => Promise.resolve() });
  const open: Story[] = [];

  test('a pull request is live, a push switches it without one failed request, and closed it leaves nothing', async (context) => {
    const { github } = world();
    const story = await openServing(world(), { repository: 'journey', text: 'old' });
    const { repository, branch, pull, host } = story;
    const coming = visitors(context, world(), host);
    const sha = await github.commit({ repository, branch, files: app({ text: 'new', delay: 1 }) });
    await coming.untilMet('new');
    const met = tally(await coming.stop());
    assert.deepEqual(Object.keys(met), ['old', 'new'], JSON.stringify(met));
    await untilStatuses(world(), story, sha, ['in_progress', 'success']);
    await untilComment(world(), repository, pull.number, new RegExp(`${sha.slice(0, 7)}.* is live`));

    await github.closePullRequest({ repository, number: pull.number });
    await untilComment(world(), repository, pull.number, /the preview was removed/);
    await untilNothingLeft(world(), host);
    assert.ok(!existsSync(join(world().program.env['DATA_DIR']!, 'db')), 'there is an embedded database, too');
  });

  test('killed in the middle of a build, it builds again after its next start, and the preview is live', async () => {
    const { program } = world();
    const story = await openPull(world(), { repository: 'killed', files: app({ text: 'built after all', instruction: slowStep(3) }) });
    await eventually('it is in its slow step', async () => (await processesWith('sleep 3')).length > 0);
    open.push(story);
    await program.kill();
    await program.start();
    await untilServes(world(), story.host, 'built after all');
    await untilComment(world(), story.repository, story.pull.number, /Running/);
    assert.equal(world().github.deployments(story.repository).length, 1);
  });

  test('when the server is killed while webhooks come, none gets a 2xx that is not stored; when it is back, all goes on by itself', async (context) => {
    const { github, program } = world();
    const story = await openServing(world(), { repository: 'outage', text: 'old' });
    const { repository, branch, pull, host } = story;
    open.push(story);
    const { pid } = program;
    const sent = webhooks(context, world());
    await eventually('some are taken', () => sent.answers.filter(({ status }) => taken(status)).length >= 50);

    await postgres.kill();
    await eventually('some are refused', () => sent.answers.filter(({ status }) => status === 503).length >= 50);
    const health = await eventually('it says that the database is away', async () => {
      const { status, text } = await own(world(), '/readyz');
      return status === 503 && text;
    });
    assert.match(health, /"database":\{"ok":false,"why":"[^"]+"/);
    assert.equal((await own(world(), '/healthz')).status, 200);
    assert.match((await world().get(host)).text, /old/);
    const sha = await github.commit({ repository, branch, files: app({ text: 'pushed meanwhile' }) });
    await github.delivered();
    assert.equal(github.deliveries().at(-1)?.status, 503);

    const back = sent.answers.length;
    await postgres.start();
    await eventually('some are taken again', () => sent.answers.slice(back).filter(({ status }) => taken(status)).length >= 50, { within: 20_000 });
    const answers = await sent.stop();
    const stored = new Set((await ask<{ guid: string }>(databaseUrl, 'select guid from deliveries')).map(({ guid }) => guid));
    assert.deepEqual(answers.filter(({ status, guid }) => taken(status) && !stored.has(guid)), []);
    assert.deepEqual(answers.filter(({ status }) => !taken(status) && status !== 503), []);
    assert.deepEqual(github.deliveries().filter(({ status, guid }) => taken(status) && !stored.has(guid)), []);

    await untilServes(world(), host, 'pushed meanwhile');
    await untilComment(world(), repository, pull.number, new RegExp(`${sha.slice(0, 7)}.* is live`));
    assert.equal((await own(world(), '/readyz')).status, 200);
    await eventually('it listens again', () => program.lines().some(({ msg }) => msg === 'listening to the database again'), { within: 15_000 });
    await github.commit({ repository, branch, files: app({ text: 'pushed afterwards' }) });
    await untilServes(world(), host, 'pushed afterwards');
    assert.equal(program.pid, pid);
  });

  test('and when all is closed, nothing is left', async () => {
    assert.equal(open.length, 2);
    for (const { repository, pull } of open) await world().github.closePullRequest({ repository, number: pull.number });
    await untilNothingLeft(world());
  });
});

type Sent = { guid: string; status: number };

/** Signed webhooks of GitHub's kind, one every 20 ms, each under a GUID of its own; status 0: no answer. */
function webhooks(test: Pick<TestContext, 'after'>, { program: { env } }: World): { answers: readonly Sent[]; stop(): Promise<readonly Sent[]> } {
  const answers: Sent[] = [];
  const underWay = new Set<Promise<void>>();
  const body = JSON.stringify({ action: 'created' });
  const signature = `sha256=${createHmac('sha256', env['WEBHOOK_SECRET']!).update(body).digest('hex')}`;
  const send = async () => {
    const guid = randomUUID();
    const headers = { 'content-type': 'application/json', 'x-github-event': 'star', 'x-github-delivery': guid, 'x-hub-signature-256': signature };
    const status = await fetch(`http://127.0.0.1:${env['PORT']}/api/github/webhooks`, { method: 'POST', headers, body }).then((answer) => answer.status, () => 0);
    answers.push({ guid, status });
  };
  const timer = setInterval(() => {
    if (underWay.size >= 20) return;
    const sent: Promise<void> = send().finally(() => underWay.delete(sent));
    underWay.add(sent);
  }, 20);
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    return answers;
  };
  test.after(stop);
  return { answers, stop };
}

const taken = (status: number) => status >= 200 && status < 300;

function own({ program: { env } }: World, path: string) {
  return fetch(`http://127.0.0.1:${env['PORT']}${path}`).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
}
