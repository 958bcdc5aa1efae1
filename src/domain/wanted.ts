import type { PersonsWill, PreviewRef, Wanted, WantedReason } from './preview.ts';
import type { Truth } from './truth.ts';

export type WantedFacts = {
  ref: PreviewRef;
  truth: Truth;
  will: PersonsWill;
  accountAllowed: boolean;
  /** The branch's head at first sight of the repository; `null` when the branch is newer than that. */
  firstHead: string | null;
  /** What was wanted until now: all there is to go by while the App is suspended. */
  before: Wanted;
};

/**
 * What should be, by commits and never by times, so that order and downtime cannot matter. The first row that matches decides:
 *
 * | row | case                                                               | wanted                                |
 * |-----|--------------------------------------------------------------------|---------------------------------------|
 * | 1   | account not allowed                                                | nothing                               |
 * | 2   | installation deleted, repository gone                              | nothing                               |
 * | 3   | App suspended                                                      | what was wanted before, asleep        |
 * | 4   | `gh-pages`, `gh-readonly-queue/**`                                 | nothing                               |
 * | 5   | branch deleted                                                     | nothing                               |
 * | 6   | removed by a person at this head                                   | nothing until the head changes        |
 * | 7   | expired at this head                                               | nothing until the head changes        |
 * | 8   | open pull requests, left out at first sight at this head           | nothing until the head changes        |
 * | 9   | pull request from a fork                                           | nothing: forks are not run            |
 * | 10  | open pull requests                                                 | the head                              |
 * | 11  | the head is that of a closed or merged pull request of the branch  | nothing; a push or reopen returns it  |
 * | 12  | the head is not the one recorded at first sight                    | the head                              |
 * | 13  | otherwise                                                          | nothing                               |
 *
 * What is wanted (10, 12) is asleep when it was put to sleep at this head, by a person or to make room.
 */
export function wanted(facts: WantedFacts): Wanted {
  const { ref, truth, will } = facts;
  if (!facts.accountAllowed) return nothing('account-not-allowed');
  if (truth.installation === 'deleted' || truth.repository === null) return nothing('repository-gone');
  if (truth.installation === 'suspended' || truth.repository === 'unknown') return suspended(facts.before);
  if (ref.kind === 'branch' && ignoredBranch(ref.name)) return nothing('ignored-branch');

  const head = truth.headSha;
  if (head === null) return nothing('branch-deleted');
  if (will.removedSha === head) return nothing('removed-by-person');
  if (will.expiredSha === head) return nothing('expired');

  const open = truth.openPulls.length > 0;
  if (open && will.leftOutSha === head) return nothing('left-out');
  if (ref.kind === 'pull') return nothing(open ? 'fork' : 'pull-request-closed');
  if (open) return version(head, 'pull-request', will);
  if (truth.closedPullHeads.includes(head)) return nothing('pull-request-closed');
  return facts.firstHead === head ? nothing('first-sight') : version(head, 'branch', will);
}

/** Branches that tools write and nobody reviews: GitHub Pages and the merge queue. */
export function ignoredBranch(name: string): boolean {
  return name === 'gh-pages' || name.startsWith('gh-readonly-queue/');
}

function nothing(reason: WantedReason): Wanted {
  return { run: 'nothing', sha: null, reason, asleepBecause: null };
}

function version(sha: string, reason: WantedReason, will: PersonsWill): Wanted {
  return asWilled({ run: 'running', sha, reason, asleepBecause: null }, will);
}

/** What runs is asleep when it was put to sleep at this commit. */
export function asWilled(wanted: Wanted, will: Pick<PersonsWill, 'asleepSha' | 'asleepBy'>): Wanted {
  if (wanted.run !== 'running' || will.asleepSha !== wanted.sha) return wanted;
  return { ...wanted, run: 'asleep', asleepBecause: will.asleepBy };
}

function suspended(before: Wanted): Wanted {
  return before.run === 'nothing' ? before : { ...before, run: 'asleep', asleepBecause: 'suspended' };
}
