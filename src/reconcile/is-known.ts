import type { Preview, PullRequest } from '../domain/preview.ts';

/**
 * Whether the lists of a repository show of a preview what was seen at its last look, so that a look would decide the same again. Anything
 * else calls for a look, which reads proof:
 *
 * | a look is due | because |
 * |---|---|
 * | the branch is not listed, its head or its pull requests are others | that is what changed |
 * | no pull request is open, or was | one may have been opened and closed meanwhile, and decides by its last commit |
 * | it is asleep with the App, or refused with its account or repository | it may be back |
 */
export function isKnown(preview: Preview, heads: readonly { branch: string; sha: string }[], pulls: readonly PullRequest[]): boolean {
  const { ref, wanted } = preview;
  if (preview.pulls.length === 0 || wanted.asleepBecause === 'suspended') return false;
  if (wanted.reason === 'account-not-allowed' || wanted.reason === 'repository-gone') return false;
  const listed = pulls.filter((pull) => (ref.kind === 'pull' ? pull.number === ref.number : !pull.fork && pull.headBranch === ref.name));
  if (!sameShown(listed, preview.pulls)) return false;
  if (ref.kind === 'pull') return true;
  const head = heads.find(({ branch }) => branch === ref.name)?.sha;
  return head !== undefined && head === (wanted.sha ?? preview.pulls[0]?.headSha);
}

function sameShown(some: readonly PullRequest[], others: readonly PullRequest[]): boolean {
  return JSON.stringify(shown(some)) === JSON.stringify(shown(others));
}

function shown(pulls: readonly PullRequest[]) {
  return pulls.map(({ number, title, headSha, headBranch, fork }) => [number, title, headSha, headBranch, fork] as const).toSorted(([a], [b]) => a - b);
}
