import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Snapshot, type Strictness, violationsOf } from '../../faults/lab/invariants.ts';

const head = 'a'.repeat(40);
const pull = { name: 'acme/shop#1', open: true, head, expects: 'running', comments: ['🟢 Running | x'], host: { status: 200, state: 'running', commit: head } } as const;
const good: Snapshot = {
  accepted: ['g1'],
  ledger: [{ guid: 'g1', state: 'handled' }],
  pulls: [pull],
  previews: [{ id: 1, hostLabel: 'project-1-x', wantedRun: 'running' }],
  deployments: [
    { id: 6, previewId: 1, state: 'superseded', image: 'old' },
    { id: 7, previewId: 1, state: 'live', image: 'new' },
  ],
  containers: [{ name: 'c7', deploymentId: 7, running: true }],
  networks: [{ name: 'n1', previewId: 1 }],
  images: ['new'],
  holds: [],
};

type Planted = { name: string; change: Partial<Snapshot>; found: RegExp; strictness?: Strictness };

const planted: Planted[] = [
  { name: 'an accepted webhook that is not in the ledger', change: { accepted: ['g1', 'g2'] }, found: /g2 was accepted and is not in the ledger/ },
  { name: 'a webhook that was never handled', change: { ledger: [{ guid: 'g1', state: 'waiting' }] }, found: /g1 was not handled/ },
  { name: 'a second comment', change: { pulls: [{ ...pull, comments: ['🟢 Running |', '🟢 Running |'] }] }, found: /#1 has 2 comments/ },
  { name: 'no comment', change: { pulls: [{ ...pull, comments: [] }] }, found: /#1 has 0 comments/ },
  { name: 'a preview at another commit', change: { pulls: [{ ...pull, host: { ...pull.host, commit: 'b'.repeat(40) } }] }, found: /to be at aaaaaaa.* at bbbbbbb/ },
  { name: 'a preview that does not answer', change: { pulls: [{ ...pull, host: { ...pull.host, status: 503 } }] }, found: /answers 503/ },
  { name: 'a preview that is not there', change: { pulls: [{ ...pull, host: null }] }, found: /has no preview/ },
  { name: 'a preview that is awake', change: { pulls: [{ ...pull, expects: 'asleep' }] }, found: /is to be asleep, and is running/ },
  { name: 'a failure that nobody can read', change: { pulls: [{ ...pull, expects: 'failed' }] }, found: /its comment does not say so/ },
  { name: 'a preview of a closed pull request', change: { pulls: [{ ...pull, open: false }] }, found: /closed, and its preview is running/ },
  { name: 'an orphaned container', change: { containers: [...good.containers, { name: 'c9', deploymentId: 9, running: false }] }, found: /container c9 belongs to no row/ },
  { name: 'a container of a version that was replaced', change: { containers: [...good.containers, { name: 'c6', deploymentId: 6, running: true }] }, found: /container c6/, strictness: 'settled' },
  { name: 'an orphaned network', change: { networks: [...good.networks, { name: 'n2', previewId: 2 }] }, found: /network n2 belongs to no row/ },
  { name: 'an orphaned image', change: { images: ['new', 'other'] }, found: /image other belongs to no row/ },
  { name: 'a live row of which nothing runs', change: { containers: [{ ...good.containers[0]!, running: false }] }, found: /deployment 7 is live by its row, and nothing of it runs/ },
  { name: 'a live row without a network', change: { networks: [] }, found: /deployment 7 is live by its row, and has no network/ },
  { name: 'a deployment that stands still', change: { deployments: [...good.deployments, { id: 8, previewId: 1, state: 'building', image: null }] }, found: /deployment 8 is still building/ },
  { name: 'a hold that stays', change: { holds: [{ deploymentId: 7, host: 'project-1-x.kosuke.localhost' }] }, found: /is held for the deployment 7, for no reason/ },
  { name: 'a comment that is out of date', change: { pulls: [{ ...pull, comments: ['🟡 Building'] }] }, found: /is running, and its comment/, strictness: 'settled' },
];

describe('the invariants of the fault laboratory find', () => {
  for (const { name, change, found, strictness = 'converged' } of planted) {
    test(name, () => {
      const problems = violationsOf({ ...good, ...change }, strictness);
      assert.equal(problems.length, 1, problems.join('; '));
      assert.match(problems[0]!, found);
    });
  }
});

test('the invariants of the fault laboratory are silent when all is well', () => {
  assert.deepEqual([violationsOf(good, 'converged'), violationsOf(good, 'settled')], [[], []]);
});
