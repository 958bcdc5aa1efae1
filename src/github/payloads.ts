import { z } from 'zod';
import type { RepositoryFacts } from '../reconcile/ports/code-host.ts';

/**
 * The parts of GitHub's payloads that handlers read, and no more: what else changes in them does not concern us.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
const id = z.int().positive();
const text = z.string().min(1);

export const repositoryShape = z.object({
  id,
  name: text,
  owner: z.object({ login: text }),
  private: z.boolean(),
  default_branch: text,
});

const ofRepository = z.object({ installation: z.object({ id }), repository: repositoryShape });

export const pushPayload = ofRepository.extend({
  ref: text,
  before: text,
  after: text,
  created: z.boolean(),
  deleted: z.boolean(),
  head_commit: z.object({ id: text, tree_id: text }).nullish(),
});

export const refPayload = ofRepository.extend({ ref: text, ref_type: text });

export const pullPayload = ofRepository.extend({
  pull_request: z.object({
    number: id,
    head: z.object({ ref: text, sha: text, repo: z.object({ id }).nullish() }),
  }),
});

export const repositoryPayload = ofRepository;

export const installationPayload = z.object({
  installation: z.object({
    id,
    /** An enterprise has a slug in place of a login. */
    account: z.union([z.object({ login: text }), z.object({ slug: text })]),
  }),
});

export const repositoriesPayload = z.object({
  installation: z.object({ id }),
  repositories_added: z.array(z.object({ id })),
  repositories_removed: z.array(z.object({ id })),
});

/** GitHub's repository, as seen by one installation, in our words. */
export function repositoryFacts(repository: z.infer<typeof repositoryShape>, installationId: number): RepositoryFacts {
  return {
    repositoryId: repository.id,
    installationId,
    owner: repository.owner.login,
    name: repository.name,
    private: repository.private,
    defaultBranch: repository.default_branch,
  };
}
