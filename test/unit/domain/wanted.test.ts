import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PersonsWill, PullRequest, Wanted } from '../../../src/domain/preview.ts';
import type { Truth } from '../../../src/domain/truth.ts';
import { wanted, type WantedFacts } from '../../../src/domain/wanted.ts';

const head = 'a'.repeat(40);
const older = 'b'.repeat(40);
const repository = { repositoryId: 7, installationId: 3, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' };
const pull: PullRequest = { number: 12, title: 'A change', headBranch: 'feature/a', headSha: head, fork: false, updatedAt: new Date(0) };
const truth: Truth = { installation: 'active', repository, headSha: head, openPulls: [], closedPullHeads: [] };
const noWill: PersonsWill = { removedSha: null, asleepSha: null, asleepBy: 'person', expiredSha: null, leftOutSha: null };
const nothingBefore: Wanted = { run: 'nothing', sha: null, reason: 'first-sight', asleepBecause: null };
const runningBefore: Wanted = { run: 'running', sha: older, reason: 'pull-request', asleepBecause: null };

const facts = (change: Partial<Omit<WantedFacts, 'truth' | 'will'>> & { truth?: Partial<Truth>; will?: Partial<PersonsWill> }): WantedFacts => ({
  ref: { kind: 'branch', name: 'feature/a' },
  accountAllowed: true,
  firstHead: null,
  before: nothingBefore,
  ...change,
  truth: { ...truth, ...change.truth },
  will: { ...noWill, ...change.will },
});

const nothing = (reason: Wanted['reason']): Wanted => ({ run: 'nothing', sha: null, reason, asleepBecause: null });
const version = (reason: Wanted['reason']): Wanted => ({ run: 'running', sha: head, reason, asleepBecause: null });
const open = { openPulls: [pull] };

const table: [string, WantedFacts, Wanted][] = [
  ['an account that is not allowed', facts({ accountAllowed: false, truth: open }), nothing('account-not-allowed')],
  ['a deleted installation', facts({ truth: { ...open, installation: 'deleted' } }), nothing('repository-gone')],
  ['a repository that is gone', facts({ truth: { ...open, repository: null } }), nothing('repository-gone')],
  ['a suspended App where something ran', facts({ truth: { installation: 'suspended', repository: 'unknown', headSha: null }, before: runningBefore }), { ...runningBefore, run: 'asleep', asleepBecause: 'suspended' }],
  ['a suspended App where nothing was wanted', facts({ truth: { installation: 'suspended', repository: 'unknown', headSha: null } }), nothingBefore],
  ['gh-pages', facts({ ref: { kind: 'branch', name: 'gh-pages' }, truth: open }), nothing('ignored-branch')],
  ['a merge queue branch', facts({ ref: { kind: 'branch', name: 'gh-readonly-queue/main/pr-1-x' } }), nothing('ignored-branch')],
  ['a deleted branch', facts({ truth: { headSha: null } }), nothing('branch-deleted')],
  ['removed by a person at this head', facts({ truth: open, will: { removedSha: head } }), nothing('removed-by-person')],
  ['removed by a person at an older head', facts({ truth: open, will: { removedSha: older } }), version('pull-request')],
  ['expired at this head', facts({ truth: open, will: { expiredSha: head } }), nothing('expired')],
  ['expired, pushed since', facts({ truth: open, will: { expiredSha: older } }), version('pull-request')],
  ['an open pull request from a fork', facts({ ref: { kind: 'pull', number: 12 }, truth: { openPulls: [{ ...pull, fork: true }] } }), nothing('fork')],
  ['a closed pull request from a fork', facts({ ref: { kind: 'pull', number: 12 } }), nothing('pull-request-closed')],
  ['a pull request from a fork, left out at first sight', facts({ ref: { kind: 'pull', number: 12 }, truth: { openPulls: [{ ...pull, fork: true }] }, will: { leftOutSha: head } }), nothing('left-out')],
  ['an open pull request', facts({ truth: open }), version('pull-request')],
  ['an open pull request whose head is the one of first sight', facts({ truth: open, firstHead: head }), version('pull-request')],
  ['an open pull request whose head a closed one had too', facts({ truth: { ...open, closedPullHeads: [head] } }), version('pull-request')],
  ['left out at first sight', facts({ truth: open, will: { leftOutSha: head } }), nothing('left-out')],
  ['left out at first sight, pushed since', facts({ truth: open, will: { leftOutSha: older } }), version('pull-request')],
  ['asleep by a person', facts({ truth: open, will: { asleepSha: head } }), { ...version('pull-request'), run: 'asleep', asleepBecause: 'person' }],
  ['asleep to make room', facts({ truth: open, will: { asleepSha: head, asleepBy: 'room' } }), { ...version('pull-request'), run: 'asleep', asleepBecause: 'room' }],
  ['asleep by a person, pushed since', facts({ truth: open, will: { asleepSha: older } }), version('pull-request')],
  ['the head of a closed pull request', facts({ truth: { closedPullHeads: [older, head] } }), nothing('pull-request-closed')],
  ['pushed since the pull request was closed', facts({ truth: { closedPullHeads: [older] } }), version('branch')],
  ['a branch as it was at first sight', facts({ firstHead: head }), nothing('first-sight')],
  ['a branch pushed since first sight', facts({ firstHead: older }), version('branch')],
  ['a branch newer than first sight', facts({}), version('branch')],
];

describe('what is wanted', () => {
  for (const [name, given, expected] of table) test(name, () => assert.deepEqual(wanted(given), expected));
});
