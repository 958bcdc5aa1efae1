import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { allWebhooks, cutWebhooks } from '../../../scripts/contract/cut.mjs';
import { description } from '../../../scripts/contract/cuts.mjs';
import { readCut, type WebhookCut } from '../../../src/demo/github/contract/cut.ts';
import { checkAgainst } from '../../../src/demo/github/contract/webhooks.ts';
import { registerHandlers } from '../../../src/github/app.ts';
import { runDeliveries } from '../../../src/github/deliveries-loop.ts';
import { isHandled } from '../../../src/github/events.ts';
import { createIntake } from '../../../src/github/intake.ts';
import { createGithub } from '../../../src/github/probot.ts';
import type { Intent } from '../../../src/reconcile/intent-types.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeReconciler, repository } from '../../support/fakes/reconciler.ts';
import { capturedLog, privateKey, realClock, webhookSecret } from './support.ts';

type Example = { event: string; payload: Record<string, unknown> };

/** What `@octokit/webhooks-examples` has for github.com, of 58 events. */
const examples: Example[] = (createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: Example['payload'][] }[]).flatMap(
  ({ name, examples: payloads }) => payloads.map((payload) => ({ event: name, payload })),
);

describe('GitHub\'s examples of webhooks', () => {
  test('are 329, of which 54 are ones that a handler acts on', () => {
    assert.equal(examples.length, 329);
    assert.equal(examples.filter(({ event, payload }) => isHandled(event, payload)).length, 54);
  });

  test('all go, signed, through the intake, the ledger, the loop, Probot and the handlers without an error or a warning', async (t) => {
    const { url, outcomes, failures, acted, logged, waiting, projects } = await startProgram(t);
    const expected = new Map<string, string>();
    const send = async (example: Example) => {
      const guid = randomUUID();
      const handled = isHandled(example.event, example.payload);
      expected.set(guid, handled ? 'handled' : 'ignored');
      const { status } = await fetch(url, { method: 'POST', ...signed(guid, forApp(example)) });
      assert.equal(status, handled ? 202 : 200, `${example.event} ${String(example.payload['action'])}`);
    };
    for (let from = 0; from < examples.length; from += 20) await Promise.all(examples.slice(from, from + 20).map(send));
    await eventually('all of them are finished', async () => outcomes.size === examples.length && !(await waiting()), { within: 120_000 });

    assert.deepEqual(failures, []);
    assert.deepEqual(new Map([...outcomes].sort()), new Map([...expected].sort()));
    // Those about tags mean nothing to us; all that were created and deleted in the examples are tags.
    assert.equal(acted.length, 54 - examples.filter(isTag).length);
    assert.deepEqual([...new Set(acted)].sort(), ['installationChanged', 'pullChanged', 'pushed', 'repositoriesChanged', 'repositoryChanged']);
    assert.ok((await projects()) > 0);
    const loud = logged().split('\n').filter((line) => line !== '' && (JSON.parse(line) as { level: number }).level >= 40);
    assert.deepEqual(loud, []);
  });

  test('are as GitHub describes them, but for the older ones in the fields listed here', () => {
    const github = description('@octokit/openapi-webhooks');
    const used = new Set(Object.keys(readCut<WebhookCut>('webhooks').webhooks));
    const check = checkAgainst(cutWebhooks(github, allWebhooks(github).filter((name) => used.has(name)), { closed: false }));
    const named = examples.filter(({ event, payload }) => used.has([event, payload['action']].filter(Boolean).join('-').replaceAll('_', '-')));
    const found = new Set<string>();
    let right = 0;
    for (const { event, payload } of named) {
      const { name, problems } = check(signed(randomUUID(), { event, payload }));
      if (problems.length === 0) right += 1;
      for (const { where, expected } of problems) found.add(`${name.replace('webhook ', '')} ${where.replace('payload /', '').replaceAll(/\/\d+/g, '/*')}: ${expected.replace(/\d{10}$/, '<seconds>')}`);
    }
    assert.deepEqual([...found].sort(), contradictions);
    assert.deepEqual([named.length, right], [67, 45]);
  });
});

/** Where GitHub's examples are not as GitHub's description has it: all are fields that came, or times that changed, after the example. */
const contradictions = [
  'installation.created installation/app_slug: this field',
  'installation.created installation/created_at: string, not <seconds>',
  'installation.created installation/updated_at: string, not <seconds>',
  'installation.deleted installation/app_slug: this field',
  'installation.deleted installation/created_at: string, not <seconds>',
  'installation.deleted installation/suspended_at: this field',
  'installation.deleted installation/suspended_by: this field',
  'installation.deleted installation/updated_at: string, not <seconds>',
  'installation.new_permissions_accepted installation/created_at: string, not <seconds>',
  'installation.new_permissions_accepted installation/updated_at: string, not <seconds>',
  'installation_repositories.added installation/app_slug: this field',
  'installation_repositories.added installation/created_at: string, not <seconds>',
  'installation_repositories.added installation/suspended_at: this field',
  'installation_repositories.added installation/suspended_by: this field',
  'installation_repositories.added installation/updated_at: string, not <seconds>',
  'installation_repositories.added requester: this field',
  'installation_repositories.removed installation/app_slug: this field',
  'installation_repositories.removed installation/created_at: string, not <seconds>',
  'installation_repositories.removed installation/updated_at: string, not <seconds>',
  'issue_comment.created comment/performed_via_github_app: this field',
  'issue_comment.created comment/reactions: this field',
  'issue_comment.created issue/active_lock_reason: this field',
  'issue_comment.created issue/labels/*/description: this field',
  'issue_comment.created issue/reactions: this field',
  'pull_request.labeled pull_request/base/repo/has_discussions: this field',
  'pull_request.labeled pull_request/head/repo/has_discussions: this field',
  'pull_request.opened pull_request/auto_merge: this field',
  'pull_request.synchronize pull_request/base/repo/has_discussions: this field',
  'pull_request.synchronize pull_request/head/repo/has_discussions: this field',
  'pull_request.unlabeled pull_request/base/repo/has_discussions: this field',
  'pull_request.unlabeled pull_request/head/repo/has_discussions: this field',
  'push repository/has_discussions: this field',
  'push repository/topics: this field',
  'push repository/visibility: this field',
];

/** An App is told by which installation it hears of something; 23 of the 54 are from webhooks of a repository, which are not. */
function forApp({ event, payload }: Example): Example {
  return { event, payload: { installation: { id: repository.installationId, node_id: 'MDQ6' }, ...payload } };
}

function isTag({ event, payload }: Example): boolean {
  return (event === 'push' && String(payload['ref']).startsWith('refs/tags/')) || (['create', 'delete'].includes(event) && payload['ref_type'] === 'tag');
}

function signed(guid: string, { event, payload }: Example): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify(payload);
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'GitHub-Hookshot/1a2b3c4',
    'X-GitHub-Delivery': guid,
    'X-GitHub-Event': event,
    'X-GitHub-Hook-ID': '1',
    'X-GitHub-Hook-Installation-Target-ID': '1',
    'X-GitHub-Hook-Installation-Target-Type': 'integration',
    'X-Hub-Signature-256': `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`,
  };
  return { headers, body };
}

/** The program from its webhooks' address to what is wanted, in a real store; what GitHub would answer is in memory. */
async function startProgram(t: { after(end: () => Promise<void>): void }) {
  const world = await fakeReconciler();
  const { deliveries, signals } = world.store;
  const { log, logged } = capturedLog();
  const outcomes = new Map<string, string>();
  const failures: unknown[] = [];
  const ledger: typeof deliveries = {
    ...deliveries,
    finish: async (guid, outcome, now) => {
      await deliveries.finish(guid, outcome, now);
      outcomes.set(guid, outcome);
    },
    fail: async (...failure) => {
      failures.push(failure);
      await deliveries.fail(...failure);
    },
  };
  const acted: string[] = [];
  const intent = Object.fromEntries(
    Object.entries(world.intent).map(([name, act]: [string, (event: never) => Promise<void>]) => [name, (event: never) => (acted.push(name), act(event))]),
  ) as Intent;
  const github = await createGithub({ appId: 1, privateKey, webhookSecret, apiUrl: 'http://127.0.0.1:9/api/v3', clock: realClock, log });
  registerHandlers(github.probot, intent, log);
  const take = createIntake({ secret: webhookSecret, deliveries: ledger, clock: realClock, log });
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = new AbortController();
  const loop = runDeliveries({ deliveries: ledger, signals, receive: github.receive, clock: realClock, log, signal: stop.signal, leaseMs: 120_000, limitMs: 60_000, maxAttempts: 6 });
  t.after(async () => {
    stop.abort();
    await loop;
    server.close();
    server.closeAllConnections();
    await world.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/github/webhooks`,
    outcomes,
    failures,
    acted,
    logged,
    waiting: async () => (await deliveries.nextDue()) !== null,
    projects: async () => (await world.store.projects.all()).length,
  };
}
