import { codeSpan } from '../markdown.ts';
import type { CommentFacts } from './facts.ts';

/** Why there is no preview, and what brings one. Inert Markdown. */
export function nothingBecause({ wanted, project, hostLabel }: Pick<CommentFacts['preview'], 'wanted' | 'project' | 'hostLabel'>): string {
  const redeploy = command('redeploy', hostLabel);
  switch (wanted.reason) {
    case 'account-not-allowed':
      return `Previews are not switched on for the account ${codeSpan(project.owner)} here. Whoever runs this installation can add it to \`ALLOWED_ACCOUNTS\`.`;
    case 'repository-gone':
      return 'The repository can no longer be read: it was deleted or moved away, or the App was removed from it. Installing the App on it again brings the preview back.';
    case 'ignored-branch':
      return 'Branches that tools write (`gh-pages` and those of the merge queue) get no preview.';
    case 'branch-deleted':
      return 'The branch was deleted, and its preview was removed. Restoring the branch brings it back.';
    case 'removed-by-person':
      return `Somebody removed this preview. It comes back with the next push, or with ${redeploy}.`;
    case 'expired':
      return `Nothing was pushed, redeployed or woken here for so long (\`EXPIRE_AFTER\`) that the preview was taken away. It comes back with the next push, or with ${redeploy}.`;
    case 'fork':
      return 'Forks are not run in this version. A maintainer can push the commit to a branch of this repository.';
    case 'pull-request-closed':
      return 'The pull request of this commit was closed. Reopening it or pushing a new commit brings the preview back.';
    case 'left-out':
      return `This pull request was open before the App was installed, and there was no room for it then. Its preview comes with the next push, or with ${redeploy}.`;
    case 'first-sight':
      return 'The branch has not changed since the App first saw it. A push or a pull request brings a preview.';
    case 'pull-request':
    case 'branch':
      return 'There is nothing to show right now.';
  }
}

/** What a person types where the program runs. */
export function command(verb: 'redeploy' | 'wake', hostLabel: string): string {
  return codeSpan(`npx kosuke-preview ${verb} ${hostLabel}`);
}
