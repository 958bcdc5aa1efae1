import type { FilesOfCommit } from '../git/history.ts';
import type { JsonObject } from '../types.ts';
import type { Account, Commit, Person, Repo, World } from '../world.ts';
import { findAccount } from '../accounts.ts';
import { accountShape, iso, nodeId } from './account.ts';
import { repoPage, repoUrl } from './repository.ts';

/** GitHub's "commit", as a branch or `commits/{ref}` has it. */
export function commitShape(world: World, repo: Repo, commit: Commit): JsonObject {
  const url = `${repoUrl(world, repo)}/commits/${commit.sha}`;
  const gitUrl = `${repoUrl(world, repo)}/git`;
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: personShape(commit.author),
      committer: personShape(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${gitUrl}/trees/${commit.tree}` },
      url: `${gitUrl}/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url,
    html_url: `${repoPage(world, repo)}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: userOf(world, commit.author),
    committer: userOf(world, commit.committer),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${repoUrl(world, repo)}/commits/${sha}`,
      html_url: `${repoPage(world, repo)}/commit/${sha}`,
    })),
  };
}

/** GitHub's "git commit", as `git/commits/{commit_sha}` has it. */
export function gitCommitShape(world: World, repo: Repo, commit: Commit): JsonObject {
  const { sha, node_id, html_url, parents, commit: inner } = commitShape(world, repo, commit) as JsonObject & { commit: JsonObject };
  const { comment_count: _count, ...rest } = inner;
  return { sha, node_id, html_url, parents, ...rest };
}

/** A commit as the push event has it. */
export function pushedCommitShape(world: World, repo: Repo, commit: Commit, files: FilesOfCommit | undefined): JsonObject {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repoPage(world, repo)}/commit/${commit.sha}`,
    author: pusherShape(world, commit.author),
    committer: pusherShape(world, commit.committer),
    added: files?.added ?? [],
    removed: files?.removed ?? [],
    modified: files?.modified ?? [],
  };
}

/** The address that ties a commit to an account here, as GitHub's no-reply addresses do. */
export function emailOf(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.example.com`;
}

function personShape(person: Person): JsonObject {
  return { name: person.name, email: person.email, date: iso(new Date(person.date)) };
}

function pusherShape(world: World, person: Person): JsonObject {
  const account = accountByEmail(world, person.email);
  return { name: person.name, email: person.email, date: person.date, ...(account && { username: account.login }) };
}

function userOf(world: World, person: Person): JsonObject | null {
  const account = accountByEmail(world, person.email);
  return account ? accountShape(world, account) : null;
}

function accountByEmail(world: World, email: string): Account | undefined {
  const login = /^\d+\+([^@]+)@users\.noreply\.example\.com$/.exec(email)?.[1];
  return login === undefined ? undefined : findAccount(world, login);
}
