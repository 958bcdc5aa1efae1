import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import type { Deps } from '../../../src/reconcile/deps.ts';
import { createIntent } from '../../../src/reconcile/intent.ts';
import type { RepositoryFacts } from '../../../src/reconcile/ports/code-host.ts';
import { sweep } from '../../../src/reconcile/sweep.ts';
import { fakeReconciler, repository, sha } from '../../support/fakes/reconciler.ts';

const shop = { ...repository, private: true };
const till = { ...shop, repositoryId: 701, name: 'till' };
const shelf = { ...repository, repositoryId: 702, name: 'shelf' };

test('each private repository is warned of once, however often it is pushed to and swept; a public one never', async (context) => {
  const { deps, warnings } = await start(context);
  const pushTo = (facts: RepositoryFacts) =>
    createIntent(deps).pushed({ repository: facts, branch: 'a', before: '0'.repeat(40), after: sha('a'), created: true, deleted: false, tree: null });
  await pushTo(shop);
  await pushTo(shop);
  for (let times = 0; times < 2; times += 1) assert.deepEqual((await sweep(deps, AbortSignal.timeout(5_000))).problems, []);
  await pushTo(till);
  await pushTo(shelf);
  assert.deepEqual(
    warnings().map(({ repository: named, msg }) => [named, /open to anyone who has or guesses/.test(msg)]),
    [
      ['acme/shop', true],
      ['acme/till', true],
    ],
  );
});

test('a public repository that becomes private is warned of once, by whatever shows it first', async (context) => {
  const { deps, warnings } = await start(context);
  const intent = createIntent(deps);
  await intent.pushed({ repository: shelf, branch: 'a', before: '0'.repeat(40), after: sha('a'), created: true, deleted: false, tree: null });
  for (let times = 0; times < 2; times += 1) await intent.repositoryChanged({ repository: { ...shelf, private: true }, change: 'privatized' });
  assert.deepEqual(warnings().map(({ repository: named }) => named), ['acme/shelf']);
});

/** The reconciler over three repositories, and what it warned of. */
async function start(context: TestContext): Promise<{ deps: Deps; warnings(): { repository: string; msg: string }[] }> {
  const world = await fakeReconciler();
  context.after(() => world.close());
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const codeHost = { ...world.deps.codeHost, repositories: () => Promise.resolve([shop, till, shelf]) };
  return {
    deps: { ...world.deps, codeHost, log: pino({ level: 'warn' }, stream) },
    warnings: () => lines.map((line) => JSON.parse(line) as { repository: string; msg: string }),
  };
}
