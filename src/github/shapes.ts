import { z } from 'zod';
import type { PullRequest } from '../domain/preview.ts';

/** The parts of GitHub's REST answers that we read. https://docs.github.com/en/rest */
const id = z.int().positive();
const text = z.string().min(1);
export const commitShape = z.string().regex(/^[\da-f]{40}(?:[\da-f]{24})?$/);

export const installationShape = z.object({
  id,
  account: z.union([z.object({ login: text }), z.object({ slug: text })]),
  suspended_at: z.string().nullish(),
});

export const pullShape = z.object({
  number: id,
  title: z.string(),
  state: z.enum(['open', 'closed']),
  updated_at: z.iso.datetime({ offset: true }),
  head: z.object({ ref: text, sha: commitShape, repo: z.object({ id }).nullish() }),
});
export type Pull = z.infer<typeof pullShape>;

/** A pull request into the repository with this id, in our words. One without a head repository counts as a fork's. */
export function pullRequest(pull: Pull, repositoryId: number): PullRequest {
  return {
    number: pull.number,
    title: pull.title,
    headBranch: pull.head.ref,
    headSha: pull.head.sha,
    fork: pull.head.repo?.id !== repositoryId,
    updatedAt: new Date(pull.updated_at),
  };
}
