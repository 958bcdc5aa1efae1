import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { app, slowStep } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { processesWith } from '../support/processes.ts';
import { openServing } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { untilAnswers, untilComment, untilServes, useWorld } from '../support/world.ts';

describe('while the program is down', () => {
  const world = useWorld();

  test('previews answer; what was pushed and closed meanwhile is found when it starts', async (context) => {
    const { github, program } = world();
    const pushed = await openServing(world(), { repository: 'pushed', text: 'old' });
    const closed = await openServing(world(), { repository: 'closed', text: 'closing' });
    const coming = visitors(context, world(), pushed.host);
    const ended = await program.stop();
    assert.deepEqual([ended.code, ended.signal], [0, null]);
    assert.ok(ended.ms < 10_000, `it took ${ended.ms} ms to stop`);
    assert.equal(program.lines().at(-1)?.msg, 'stopped');
    assert.match((await world().get(closed.host)).text, /closing/);

    const sha = await github.commit({ repository: pushed.repository, branch: pushed.branch, files: app({ text: 'new' }) });
    await github.closePullRequest({ repository: closed.repository, number: closed.pull.number });
    await github.delivered();
    assert.equal(github.deliveries().at(-1)?.status, 0);

    await program.start();
    await coming.untilMet('new');
    await untilComment(world(), pushed.repository, pushed.pull.number, new RegExp(`${sha.slice(0, 7)}.* is live`));
    await untilAnswers(world(), closed.host, 410, '');
    await untilComment(world(), closed.repository, closed.pull.number, /the preview was removed/);
    const met = tally(await coming.stop());
    assert.deepEqual(Object.keys(met), ['old', 'new'], JSON.stringify(met));
  });

  test('SIGTERM during a build ends it with 0, and the build is made after the next start', async () => {
    const { github, program } = world();
    const story = await openServing(world(), { repository: 'interrupted', text: 'old' });
    const { repository, branch, host } = story;
    await github.commit({ repository, branch, files: app({ text: 'new', instruction: slowStep(4) }) });
    await eventually('it is in its slow step', async () => (await processesWith('sleep 4')).length > 0);
    const ended = await program.stop();
    assert.equal(ended.code, 0);
    assert.ok(ended.ms < 10_000, `it took ${ended.ms} ms to stop`);
    assert.match((await world().get(host)).text, /old/);
    await program.start();
    await untilServes(world(), host, 'new');
  });
});

describe('webhooks', () => {
  const world = useWorld({ LOG_LEVEL: 'debug' });

  test('that come twice under one GUID are run once', async () => {
    const { github, program } = world();
    const { repository, pull } = await openServing(world(), { repository: 'twice' });
    const opened = github.deliveries().find(({ event, action }) => event === 'pull_request' && action === 'opened')!;
    const handled = (guid: string) => program.lines().filter((line) => line.msg === 'webhook handled' && line['guid'] === guid).length;
    await eventually('the webhook is handled', () => handled(opened.guid) === 1);
    const again = await github.redeliver(opened.guid);
    assert.deepEqual([again.status, again.redelivery], [200, true]);

    await github.editPullRequest({ repository, number: pull.number, title: 'Another title' });
    const edited = await eventually('the next webhook is sent', () => github.deliveries().find(({ action }) => action === 'edited'));
    await eventually('the next webhook is handled', () => handled(edited.guid) === 1);
    assert.equal(handled(opened.guid), 1);
    await untilComment(world(), repository, pull.number, /Running/);
  });

  test('without the right signature are refused and change nothing', async () => {
    const { env } = world().program;
    const body = JSON.stringify({ action: 'opened', zen: 'x' });
    const sign = (secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const post = (signature: string | null, guid: string) =>
      fetch(`http://127.0.0.1:${env['PORT']}/api/github/webhooks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-github-delivery': guid, ...(signature !== null && { 'x-hub-signature-256': signature }) },
        body,
        signal: AbortSignal.timeout(5_000),
      });
    assert.equal((await post(null, 'aaaaaaaa-0000-0000-0000-000000000001')).status, 401);
    assert.equal((await post(sign('another secret'), 'aaaaaaaa-0000-0000-0000-000000000002')).status, 401);
    assert.equal((await post(sign(env['WEBHOOK_SECRET']!), 'aaaaaaaa-0000-0000-0000-000000000002')).status, 200);
  });

  test('healthz says that it lives; readyz names the part that is broken, and recovers with it', async () => {
    const at = (path: string) => world().get(`http://127.0.0.1:${world().program.env['PORT']}${path}`);
    assert.equal((await at('/healthz')).status, 200);
    const ready = await at('/readyz');
    assert.equal(ready.status, 200);
    assert.deepEqual(parts(ready.text), { database: true, engine: true, github: true, edge: true });

    const traefik = world().docker.getContainer(world().traefik!.containerId);
    await traefik.stop({ t: 1 });
    try {
      const broken = await eventually('readyz says that Traefik is away', async () => (await at('/readyz')).status === 503 && at('/readyz'));
      assert.deepEqual(parts(broken.text), { database: true, engine: true, github: true, edge: false });
      assert.match(broken.text, /Traefik does not answer at 127\.0\.0\.1:\d+/);
      assert.equal((await at('/healthz')).status, 200);
    } finally {
      await traefik.start();
    }
    await eventually('readyz is well again', async () => (await at('/readyz')).status === 200, { within: 15_000 });
  });
});

function parts(text: string): Record<string, boolean> {
  const said = JSON.parse(text) as Record<string, boolean | { ok: boolean }>;
  return Object.fromEntries(Object.entries(said).flatMap(([name, check]) => (typeof check === 'object' ? [[name, check.ok]] : [])));
}
