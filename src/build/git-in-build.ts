import { wordsOf } from '../domain/dockerfile-instructions.ts';
import type { Failure } from '../domain/errors.ts';

/** Whether a step failed because it asked for the history of the repository: a copy of `.git`, or a command that looked for one. */
export function asksForGit({ vertex, error, tail }: { vertex: string; error: string; tail: readonly string[] }): boolean {
  const text = vertex.replace(/^\[(?:\S+ )?\d+\/\d+\] /, '');
  if (/^(?:COPY|ADD)\s/i.test(text)) return /not found|no such file/.test(error) && wordsOf({ text }).slice(0, -1).some((word) => /^["'[]*(?:\.?\/)*\.git(?:\/|["',\]]*$)/.test(word));
  return /^RUN\s/i.test(text) && tail.some((line) => askedFor.test(line));
}

/** What git says without a repository, and what tools say that asked git; go and setuptools-scm have words of their own. */
const askedFor = /not a git repository|git describe|git rev-parse|error obtaining VCS status|setuptools-scm was unable to detect version/i;

/** The failure, with what a repository can do instead. */
export function withoutGit(failure: Failure): Failure {
  return {
    ...failure,
    why: `${failure.why === '' ? '' : `${failure.why}. `}The folder .git is no part of a build: only the files of the commit are`,
    next:
      'Do without .git and push. The build arguments `KOSUKE_COMMIT`, `KOSUKE_BRANCH` and `SOURCE_DATE_EPOCH` give the commit, its branch and its time to a Dockerfile that declares them, e.g. by the line `ARG KOSUKE_COMMIT`.',
  };
}
