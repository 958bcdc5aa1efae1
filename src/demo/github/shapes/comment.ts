import type { JsonObject } from '../types.ts';
import type { Comment, Pull, World } from '../world.ts';
import { accountShape, iso, nodeId } from './account.ts';
import { appShape } from './installation.ts';
import { associationOf, labelShape, pullPage } from './pull.ts';
import { repoUrl } from './repository.ts';

/** GitHub's "issue comment". */
export function commentShape(world: World, comment: Comment): JsonObject {
  const { pull } = comment;
  const url = `${repoUrl(world, pull.repo)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url,
    html_url: `${pullPage(world, pull)}#issuecomment-${comment.id}`,
    issue_url: `${repoUrl(world, pull.repo)}/issues/${pull.number}`,
    body: comment.body,
    user: accountShape(world, comment.author),
    created_at: iso(comment.createdAt),
    updated_at: iso(comment.updatedAt),
    author_association: comment.byApp ? 'NONE' : associationOf(pull.repo, comment.author),
    reactions: reactions(`${url}/reactions`),
    performed_via_github_app: comment.byApp ? appShape(world) : null,
  };
}

/** The pull request as the issue that comment events show. */
export function issueShape(world: World, pull: Pull): JsonObject {
  const url = `${repoUrl(world, pull.repo)}/issues/${pull.number}`;
  const page = pullPage(world, pull);
  return {
    url,
    repository_url: repoUrl(world, pull.repo),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    id: pull.issueId,
    node_id: nodeId('Issue', pull.issueId),
    number: pull.number,
    title: pull.title,
    user: accountShape(world, pull.author),
    labels: [...pull.labels.values()].map((label) => labelShape(world, pull.repo, label)),
    state: pull.state,
    state_reason: null,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: [...pull.repo.comments.values()].filter((comment) => comment.pull === pull).length,
    created_at: iso(pull.createdAt),
    updated_at: iso(pull.updatedAt),
    closed_at: pull.closedAt ? iso(pull.closedAt) : null,
    author_association: associationOf(pull.repo, pull.author),
    draft: pull.draft,
    body: pull.body,
    reactions: reactions(`${url}/reactions`),
    performed_via_github_app: null,
    pull_request: {
      url: `${repoUrl(world, pull.repo)}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.mergedAt ? iso(pull.mergedAt) : null,
    },
  };
}

function reactions(url: string): JsonObject {
  return { url, total_count: 0, '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
}
