import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { registerHandlers } from '../../../src/github/app.ts';
import { runDeliveries } from '../../../src/github/deliveries-loop.ts';
import { createIntake } from '../../../src/github/intake.ts';
import type { Intent } from '../../../src/reconcile/intent-types.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { realClock, startPartner, webhookSecret } from './support.ts';

it('what people do at GitHub arrives as what is wanted, by signed webhooks through the ledger, once', async () => {
  const partner = await startPartner();
  const { store, close } = await testStore();
  const { local, github, log } = partner;
  const stop = new AbortController();
  const calls: string[] = [];
  const record = (name: string) => async (event: object) => {
    const { repository, ...rest } = event as { repository?: { name: string } };
    calls.push(`${name} ${repository?.name ?? '-'} ${JSON.stringify(rest)}`);
  };
  const intent = Object.fromEntries(
    ['pushed', 'pullChanged', 'branchChanged', 'repositoryChanged', 'installationChanged', 'repositoriesChanged'].map((name) => [name, record(name)]),
  ) as Intent;
  registerHandlers(github.probot, intent, log);
  const take = createIntake({ secret: webhookSecret, deliveries: store.deliveries, clock: realClock, log });
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { signals, deliveries } = store;
  const loop = runDeliveries({ deliveries, signals, receive: github.receive, clock: realClock, log, signal: stop.signal, leaseMs: 10_000, limitMs: 5_000, maxAttempts: 6, width: 1 });

  try {
    local.setWebhookUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/github/webhooks`);
    local.createAccount({ login: 'acme', type: 'Organization' });
    const installationId = local.install({ account: 'acme' });
    const repository = await local.createRepository({ owner: 'acme', name: 'shop', files: { 'README.md': 'a shop\n' } });
    const first = local.branches(repository)['main'];
    const second = await local.commit({ repository, branch: 'main', files: { a: '1' } });
    const headSha = await local.commit({ repository, branch: 'feature/a', from: 'main', files: { b: '1' } });
    const { number } = await local.openPullRequest({ repository, head: 'feature/a' });
    await local.closePullRequest({ repository, number });
    await local.reopenPullRequest({ repository, number });
    await local.deleteBranch({ repository, branch: 'feature/a' });
    local.renameRepository(repository, 'store');
    local.suspendInstallation('acme');
    await local.delivered();
    const sent = local.deliveries();
    assert.deepEqual(sent.filter(({ status }) => status !== 202 && status !== 200), []);
    await local.redeliver(sent.at(-1)!.guid);
    await eventually('all handled', async () => (await deliveries.nextDue()) === null);

    const expected = [
      `installationChanged - ${JSON.stringify({ installationId, account: 'acme', change: 'created' })}`,
      `pushed shop ${JSON.stringify({ branch: 'main', before: first, after: second, created: false, deleted: false, tree: 'its tree' })}`,
      `branchChanged shop ${JSON.stringify({ branch: 'feature/a' })}`,
      ...['opened', 'closed', 'reopened'].map(
        (action) => `pullChanged shop ${JSON.stringify({ pull: { number, headBranch: 'feature/a', headSha, fork: false }, action, reopened: action === 'reopened' })}`,
      ),
      `repositoryChanged store ${JSON.stringify({ change: 'renamed' })}`,
      `installationChanged - ${JSON.stringify({ installationId, account: 'acme', change: 'suspend' })}`,
    ];
    const told = calls.map((call) => call.replace(/"tree":"[0-9a-f]{40}"/, '"tree":"its tree"'));
    let from = 0;
    for (const one of expected) {
      from = told.indexOf(one, from) + 1;
      assert.notEqual(from, 0, `${one}\nmissing, or out of order, in\n${calls.join('\n')}`);
    }
    assert.equal(calls.filter((call) => call.includes('"suspend"')).length, 1);
  } finally {
    stop.abort();
    await loop;
    server.close();
    server.closeAllConnections();
    await close();
    await partner.close();
  }
});
