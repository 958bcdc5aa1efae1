import type { WantedReason } from '../domain/preview.ts';

/** Why there is no preview, in a sentence, and what brings one. */
export function reasonText(reason: WantedReason): { why: string; next: string } {
  return reasons[reason];
}

const push = 'A push to the branch brings it back.';

/** For each reason why something is wanted, or nothing. */
export const reasons: Record<WantedReason, { why: string; next: string }> = {
  'pull-request': { why: 'Its pull request is open, so it should be here soon.', next: '' },
  branch: { why: 'Its branch is deployed, so it should be here soon.', next: '' },
  'account-not-allowed': {
    why: 'The account that owns the repository is not among those this installation serves.',
    next: 'The operator can add it to ALLOWED_ACCOUNTS.',
  },
  'repository-gone': { why: 'The repository was deleted or moved away, or the GitHub App was taken off it.', next: 'Installing the App again brings it back.' },
  'ignored-branch': { why: 'Branches of this name are written by tools and get no preview.', next: '' },
  'branch-deleted': { why: 'The branch was deleted.', next: 'Pushing it again brings the preview back.' },
  'removed-by-person': { why: 'Somebody removed it.', next: push },
  expired: { why: 'Nothing was pushed, redeployed or woken here for so long that it was taken away.', next: push },
  fork: {
    why: 'The pull request comes from a fork, and forks are not run in this version.',
    next: 'A maintainer can push the commit to a branch of the repository.',
  },
  'pull-request-closed': { why: 'Its pull request was closed or merged.', next: 'Reopening the pull request or pushing to the branch brings it back.' },
  'left-out': { why: 'It was left out when the repository was first seen.', next: 'A push to the branch brings it.' },
  'first-sight': { why: 'Nothing has been pushed to the branch since the repository was first seen.', next: 'A push or a pull request brings a preview.' },
};
