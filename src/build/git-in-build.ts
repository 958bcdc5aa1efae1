import { flagsOf, wordsOf } from '../domain/dockerfile-instructions.ts';
import type { Failure } from '../domain/errors.ts';

type Broken = { vertex: string; error: string; tail: readonly string[]; exitCode: number | null };

/**
 * Whether a step failed because it asked for the history of the repository: a copy or a mount of `.git`, or a command that looked for one. `perhaps`: the command had looked for
 * one, and went on before it failed.
 */
export function asksForGit({ vertex, error, tail, exitCode }: Broken): 'yes' | 'perhaps' | 'no' {
  const text = vertex.replace(/^\[(?:\S+ )?\d+\/\d+\] /, '');
  const isMissing = /not found|no such file/.test(error);
  if (/^(?:COPY|ADD)\s/i.test(text)) return isMissing && wordsOf({ text }).slice(0, -1).some((word) => /^["'[]*(?:\.?\/)*\.git(?:\/|["',\]]*$)/.test(word)) ? 'yes' : 'no';
  if (!/^RUN\s/i.test(text)) return 'no';
  if (exitCode === null) return isMissing && flagsOf({ text }).some((flag) => /^mount=(?:.*,)?(?:source|src)=(?:\.?\/)*\.git(?:[/,]|$)/.test(flag)) ? 'yes' : 'no';
  const last = tail.findLastIndex((line) => askedFor.test(line));
  if (last < 0) return 'no';
  // What a command said last is why it failed, and git itself ends so.
  return exitCode === 128 || last >= tail.length - 3 ? 'yes' : 'perhaps';
}

/** What git says without a repository, and what tools say that asked git; go and setuptools-scm have words of their own. */
const askedFor = /not a git repository|git describe|git rev-parse|error obtaining VCS status|setuptools-scm was unable to detect version/i;

/** The failure, with what a repository can do instead of asking for its history. */
export function withoutGit(failure: Failure, asks: 'yes' | 'perhaps' | 'no'): Failure {
  if (asks === 'no') return failure;
  if (asks === 'perhaps') return { ...failure, next: `${failure.next} It also looked for the folder .git, which is no part of a build: ${instead}` };
  return {
    ...failure,
    why: `${failure.why === '' ? '' : `${failure.why}. `}The folder .git is no part of a build: only the files of the commit are`,
    next: `Do without .git and push. ${instead.replace('the', 'The')}`,
  };
}

const instead =
  'the build arguments `KOSUKE_COMMIT`, `KOSUKE_BRANCH` and `SOURCE_DATE_EPOCH` give the commit, its branch and its time to a Dockerfile that declares them, e.g. by the line `ARG KOSUKE_COMMIT`.';
