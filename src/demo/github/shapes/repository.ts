import type { JsonObject } from '../types.ts';
import type { Repo, World } from '../world.ts';
import { accountShape, iso, nodeId } from './account.ts';

const apiPaths = {
  forks_url: '/forks',
  keys_url: '/keys{/key_id}',
  collaborators_url: '/collaborators{/collaborator}',
  teams_url: '/teams',
  hooks_url: '/hooks',
  issue_events_url: '/issues/events{/number}',
  events_url: '/events',
  assignees_url: '/assignees{/user}',
  branches_url: '/branches{/branch}',
  tags_url: '/tags',
  blobs_url: '/git/blobs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  git_refs_url: '/git/refs{/sha}',
  trees_url: '/git/trees{/sha}',
  statuses_url: '/statuses/{sha}',
  languages_url: '/languages',
  stargazers_url: '/stargazers',
  contributors_url: '/contributors',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  commits_url: '/commits{/sha}',
  git_commits_url: '/git/commits{/sha}',
  comments_url: '/comments{/number}',
  issue_comment_url: '/issues/comments{/number}',
  contents_url: '/contents/{+path}',
  compare_url: '/compare/{base}...{head}',
  merges_url: '/merges',
  archive_url: '/{archive_format}{/ref}',
  downloads_url: '/downloads',
  issues_url: '/issues{/number}',
  pulls_url: '/pulls{/number}',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  labels_url: '/labels{/name}',
  releases_url: '/releases{/id}',
  deployments_url: '/deployments',
};

export const fullName = (repo: Repo): string => `${repo.owner.login}/${repo.name}`;
export const repoUrl = (world: World, repo: Repo): string => `${world.origin}/api/v3/repos/${fullName(repo)}`;
export const repoPage = (world: World, repo: Repo): string => `${world.origin}/${fullName(repo)}`;

/** GitHub's "repository" as it stands in lists, pull requests and webhooks. */
export function repositoryShape(world: World, repo: Repo): JsonObject {
  const url = repoUrl(world, repo);
  const open = [...repo.pulls.values()].filter((pull) => pull.state === 'open').length;
  const forks = [...world.repos.values()].filter((other) => other.parent === repo && !other.deleted).length;
  return {
    ...shortRepositoryShape(repo),
    owner: accountShape(world, repo.owner),
    html_url: repoPage(world, repo),
    description: null,
    fork: repo.parent !== null,
    url,
    ...Object.fromEntries(Object.entries(apiPaths).map(([key, path]) => [key, url + path])),
    created_at: iso(repo.createdAt),
    updated_at: iso(repo.updatedAt),
    pushed_at: iso(repo.pushedAt),
    git_url: `git://${world.origin.slice('http://'.length)}/${fullName(repo)}.git`,
    ssh_url: `git@127.0.0.1:${fullName(repo)}.git`,
    clone_url: `${repoPage(world, repo)}.git`,
    svn_url: repoPage(world, repo),
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repo.private ? 'private' : 'public',
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: repo.defaultBranch,
  };
}

/** GitHub's "full repository": the answer about one repository. */
export function fullRepositoryShape(world: World, repo: Repo): JsonObject {
  return {
    ...repositoryShape(world, repo),
    permissions: { admin: false, maintain: false, push: false, triage: false, pull: true },
    temp_clone_token: '',
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    network_count: 0,
    subscribers_count: 0,
    ...(repo.owner.type === 'Organization' && { organization: accountShape(world, repo.owner) }),
    ...(repo.parent && { parent: repositoryShape(world, repo.parent), source: repositoryShape(world, repo.parent) }),
  };
}

/** The repository as the push event has it: with seconds since 1970. */
export function pushedRepositoryShape(world: World, repo: Repo): JsonObject {
  const seconds = (date: Date) => Math.floor(date.getTime() / 1_000);
  return {
    ...repositoryShape(world, repo),
    owner: { ...accountShape(world, repo.owner), name: repo.owner.login, email: `${repo.owner.login}@example.com` },
    created_at: seconds(repo.createdAt),
    pushed_at: seconds(repo.pushedAt),
    stargazers: 0,
    master_branch: repo.defaultBranch,
    ...(repo.owner.type === 'Organization' && { organization: repo.owner.login }),
  };
}

/** The five fields that the installation events carry. */
export function shortRepositoryShape(repo: Repo): JsonObject {
  return { id: repo.id, node_id: nodeId('Repository', repo.id), name: repo.name, full_name: fullName(repo), private: repo.private };
}
