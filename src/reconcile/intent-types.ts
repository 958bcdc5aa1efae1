import type { RepositoryFacts } from './ports/code-host.ts';

/**
 * What a webhook may change: each method records what is wanted and kicks previews, quickly and without asking GitHub. A call may
 * come twice, late or out of order. A rejection means "not recorded": the delivery is handed over again.
 */
export type Intent = {
  /** A branch was pushed; tags never reach it. `before` and `after` are all zeros when the push `created` or `deleted` the branch. `tree`: of the commit `after`. */
  pushed(event: {
    repository: RepositoryFacts;
    branch: string;
    before: string;
    after: string;
    created: boolean;
    deleted: boolean;
    tree: string | null;
  }): Promise<void>;
  /** `action` is GitHub's (`opened`, `synchronize`, …). `fork`: the head lies in another repository, or in none any more. */
  pullChanged(event: {
    repository: RepositoryFacts;
    pull: { number: number; headBranch: string; headSha: string; fork: boolean };
    action: string;
    reopened: boolean;
  }): Promise<void>;
  /** A branch was created or deleted. */
  branchChanged(event: { repository: RepositoryFacts; branch: string }): Promise<void>;
  repositoryChanged(event: {
    repository: RepositoryFacts;
    change: 'renamed' | 'transferred' | 'deleted' | 'publicized' | 'privatized';
  }): Promise<void>;
  installationChanged(event: {
    installationId: number;
    account: string;
    change: 'created' | 'deleted' | 'suspend' | 'unsuspend' | 'new_permissions_accepted';
  }): Promise<void>;
  repositoriesChanged(event: {
    installationId: number;
    added: { repositoryId: number }[];
    removed: { repositoryId: number }[];
  }): Promise<void>;
};
