import { permissionOf } from '../accounts.ts';
import type { JsonObject } from '../types.ts';
import type { Account, Label, Pull, Repo, World } from '../world.ts';
import { accountShape, iso, nodeId } from './account.ts';
import { repositoryShape, repoPage, repoUrl } from './repository.ts';

export const pullPage = (world: World, pull: Pull): string => `${repoPage(world, pull.repo)}/pull/${pull.number}`;

/** GitHub's "pull request simple": an entry of a list. */
export function listedPullShape(world: World, pull: Pull): JsonObject {
  const url = `${repoUrl(world, pull.repo)}/pulls/${pull.number}`;
  const issue = `${repoUrl(world, pull.repo)}/issues/${pull.number}`;
  const page = pullPage(world, pull);
  const statuses = `${repoUrl(world, pull.repo)}/statuses/${pull.head.sha}`;
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: accountShape(world, pull.author),
    body: pull.body,
    created_at: iso(pull.createdAt),
    updated_at: iso(pull.updatedAt),
    closed_at: pull.closedAt ? iso(pull.closedAt) : null,
    merged_at: pull.mergedAt ? iso(pull.mergedAt) : null,
    merge_commit_sha: pull.mergeCommit,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [...pull.labels.values()].map((label) => labelShape(world, pull.repo, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repoUrl(world, pull.repo)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: endShape(world, pull.head.repo, pull.head.ref, pull.head.sha),
    base: endShape(world, pull.repo, pull.base.ref, pull.base.sha),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repoUrl(world, pull.repo)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: associationOf(pull.repo, pull.author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** GitHub's "pull request"; `mergeable` is null while it is not known. */
export function pullShape(world: World, pull: Pull, mergeable: boolean | null = null): JsonObject {
  return {
    ...listedPullShape(world, pull),
    merged: pull.mergedAt !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable === null ? 'unknown' : mergeable ? 'clean' : 'dirty',
    merged_by: pull.mergedBy ? accountShape(world, pull.mergedBy) : null,
    comments: [...pull.repo.comments.values()].filter((comment) => comment.pull === pull).length,
    review_comments: 0,
    maintainer_can_modify: pull.head.repo !== pull.repo,
    commits: pull.change.commits.length,
    additions: pull.change.additions,
    deletions: pull.change.deletions,
    changed_files: pull.change.files,
  };
}

export function labelShape(world: World, repo: Repo, label: Label): JsonObject {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${repoUrl(world, repo)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: null,
  };
}

/** As GitHub counts it: who owns it, who may write, and everybody else. */
export function associationOf(repo: Repo, account: Account): string {
  if (account === repo.owner) return 'OWNER';
  const permission = permissionOf(repo, account);
  if (permission === 'admin' || permission === 'write') return repo.owner.type === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
  return 'NONE';
}

function endShape(world: World, repo: Repo, ref: string, sha: string): JsonObject {
  return {
    label: `${repo.owner.login}:${ref}`,
    ref,
    sha,
    user: accountShape(world, repo.owner),
    repo: repo.deleted ? null : repositoryShape(world, repo),
  };
}
