import type { PullRequest, RepositoryFacts } from './preview.ts';

/**
 * What GitHub showed of one ref, each part a proof. `gone` and `null` stand only where DESIGN §1 "Absence in a list removes nothing"
 * allows; anything GitHub was unclear about never becomes a `Truth`.
 */
export type Truth = {
  installation: 'active' | 'suspended' | 'deleted';
  /** `null`: gone, by proof. `unknown`: not readable because the App is suspended. */
  repository: RepositoryFacts | null | 'unknown';
  /** The branch's head; `null` when it is 404 while its repository is 200. For a fork's pull request: the head of the pull request. */
  headSha: string | null;
  /** Open pull requests from this branch of this repository (or the one fork pull request), lowest number first. */
  openPulls: PullRequest[];
  /** Head commits of closed or merged pull requests of this branch; read only when none is open. */
  closedPullHeads: string[];
};
