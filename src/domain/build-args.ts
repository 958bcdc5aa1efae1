import { instructionsOf, wordsOf } from './dockerfile-instructions.ts';

/** What is known of the commit that is built. `committedAt`: seconds since 1970. */
export type CommitFacts = { commit: string; branch: string; committedAt: number };

/**
 * The build arguments that stand for the history, which no build gets: only those that the Dockerfile declares by ARG in any of its stages, so that all others keep their cache and their
 * image from commit to commit. `SOURCE_DATE_EPOCH`: https://reproducible-builds.org/specs/source-date-epoch/
 */
export function buildArgs(dockerfile: string, { commit, branch, committedAt }: CommitFacts): Record<string, string> {
  const declared = declaredArgs(dockerfile);
  const known = { KOSUKE_COMMIT: commit, KOSUKE_BRANCH: branch, SOURCE_DATE_EPOCH: String(committedAt) };
  return Object.fromEntries(Object.entries(known).filter(([name]) => declared.has(name)));
}

/** Names of ARG instructions, each of which may declare several. */
function declaredArgs(dockerfile: string): ReadonlySet<string> {
  const args = instructionsOf(dockerfile).filter(({ keyword }) => keyword === 'arg');
  return new Set(args.flatMap((instruction) => wordsOf(instruction).map((word) => word.replace(/=.*/s, '').replaceAll(/["']/g, ''))));
}
