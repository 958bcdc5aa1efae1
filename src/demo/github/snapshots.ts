import { pullPage } from './shapes/pull.ts';
import { fullName, repoPage } from './shapes/repository.ts';
import type { AccountSnapshot, CommentSnapshot, DeploymentSnapshot, PullRequestSnapshot, RepositorySnapshot } from './types.ts';
import type { Account, Comment, Deployment, Pull, Repo, World } from './world.ts';

/** Copies of rows for those who ask from outside. */

export function accountSnapshot({ id, login, type }: Account): AccountSnapshot {
  return { id, login, type: type === 'Organization' ? type : 'User' };
}

export function repositorySnapshot(world: World, repo: Repo): RepositorySnapshot {
  return {
    id: repo.id,
    owner: repo.owner.login,
    name: repo.name,
    fullName: fullName(repo),
    private: repo.private,
    defaultBranch: repo.defaultBranch,
    cloneUrl: `${repoPage(world, repo)}.git`,
    pageUrl: repoPage(world, repo),
    parentId: repo.parent?.id ?? null,
  };
}

export function pullSnapshot(world: World, pull: Pull): PullRequestSnapshot {
  const { head, base } = pull;
  return {
    id: pull.id,
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    draft: pull.draft,
    merged: pull.mergedAt !== null,
    author: pull.author.login,
    head: { ref: head.ref, sha: head.sha, repositoryId: head.repo.deleted ? null : head.repo.id },
    base: { ...base, repositoryId: pull.repo.id },
    labels: [...pull.labels.keys()],
    mergeCommitSha: pull.mergeCommit,
    pageUrl: pullPage(world, pull),
  };
}

export function commentSnapshot(comment: Comment): CommentSnapshot {
  const { id, body, author, byApp, createdAt, updatedAt, edits } = comment;
  return { id, body, author: author.login, byApp, createdAt, updatedAt, edits };
}

export function deploymentSnapshot(deployment: Deployment): DeploymentSnapshot {
  const { id, sha, ref, task, environment, transient, production, payload, description, createdAt } = deployment;
  const statuses = deployment.statuses.map((status) => ({
    id: status.id,
    state: status.state,
    description: status.description,
    environmentUrl: status.environmentUrl,
    logUrl: status.logUrl,
    at: status.createdAt,
    automatic: status.automatic,
  }));
  return { id, sha, ref, task, environment, transient, production, payload, description, at: createdAt, statuses };
}
