import { fetchInto } from './git/bare.ts';
import { changeBetween, isAncestor } from './git/history.ts';
import { git } from './git/run.ts';
import { emit } from './hooks/emit.ts';
import type { RefChange } from './pushes.ts';
import { pullShape } from './shapes/pull.ts';
import type { JsonObject } from './types.ts';
import type { Account, Pull, Repo, World } from './world.ts';

/**
 * What a push means for open pull requests: a moved head is a `synchronize`, a base that now holds the head is a merge, a head or base
 * that went closes. Reads from git now; returns what is to be applied once the refs are published.
 */
export async function followPush(world: World, repo: Repo, changes: RefChange[], pusher: Account): Promise<(() => void)[]> {
  const todo: (() => void)[] = [];
  for (const { ref, before, after } of changes) {
    if (!ref.startsWith('refs/heads/')) continue;
    const branch = ref.slice('refs/heads/'.length);
    for (const pull of openPulls(world)) {
      if (pull.head.repo === repo && pull.head.ref === branch) {
        todo.push(after === null ? () => close(world, pull, pusher) : await synchronize(world, pull, before, after, pusher));
      } else if (pull.repo === repo && pull.base.ref === branch) {
        todo.push(after === null ? () => close(world, pull, pusher) : await moveBase(world, pull, after, pusher));
      }
    }
  }
  return todo;
}

/** Sends a `pull_request` event; GitHub's number, action and pull request are always in it. */
export function emitPull(world: World, pull: Pull, action: string, sender: Account, more: JsonObject = {}): void {
  emit(world, 'pull_request', pull.repo, sender, { action, number: pull.number, ...more, pull_request: pullShape(world, pull) });
}

/** Brings a commit into the base repository as `refs/pull/<n>/head`, from the fork where it is one. */
export async function publishHead(pull: Pick<Pull, 'repo' | 'number' | 'head'>, sha: string): Promise<void> {
  const ref = `refs/pull/${pull.number}/head`;
  if (pull.head.repo === pull.repo) await git(pull.repo.dir, ['update-ref', ref, sha]);
  else await fetchInto(pull.repo.dir, pull.head.repo.dir, sha, ref);
}

export function close(world: World, pull: Pull, sender: Account): void {
  if (pull.state === 'closed') return;
  pull.state = 'closed';
  pull.closedAt = pull.updatedAt = world.now();
  emitPull(world, pull, 'closed', sender);
}

function openPulls(world: World): Pull[] {
  const repos = [...world.repos.values()].filter((repo) => !repo.deleted);
  return repos.flatMap((repo) => [...repo.pulls.values()].filter((pull) => pull.state === 'open'));
}

async function synchronize(world: World, pull: Pull, before: string | null, after: string, pusher: Account): Promise<() => void> {
  await publishHead(pull, after);
  const change = await changeBetween(pull.repo.dir, pull.base.sha, after);
  return () => {
    if (pull.state === 'closed') return;
    pull.head.sha = after;
    pull.heads.push(after);
    pull.change = change;
    pull.updatedAt = world.now();
    emitPull(world, pull, 'synchronize', pusher, { before: before ?? after, after });
  };
}

async function moveBase(world: World, pull: Pull, after: string, pusher: Account): Promise<() => void> {
  const merged = await isAncestor(pull.repo.dir, pull.head.sha, after);
  return () => {
    pull.base.sha = after;
    if (!merged || pull.state === 'closed') return;
    pull.mergedAt = world.now();
    pull.mergedBy = pusher;
    pull.mergeCommit = after;
    close(world, pull, pusher);
  };
}
