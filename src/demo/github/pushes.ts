import { readRefs } from './git/bare.ts';
import { GitError } from './git/run.ts';
import { commitsBetween, filesOf, isAncestor } from './git/history.ts';
import { emit } from './hooks/emit.ts';
import { followPush } from './pull-heads.ts';
import { emailOf, pushedCommitShape } from './shapes/commit.ts';
import { pushedRepositoryShape, repoPage } from './shapes/repository.ts';
import type { JsonObject } from './types.ts';
import { type Account, Refused, type Repo, type World } from './world.ts';

/** One ref that a push moved; null stands for "not there". */
export type RefChange = { ref: string; before: string | null; after: string | null };

const zeros = '0'.repeat(40);

/**
 * The one way in which refs change: runs `work`, which moves refs of the bare repository, alone; then compares the refs with those
 * of before, and lets REST, pull requests and webhooks follow, also when `work` failed halfway. Resolves when all of it is current.
 */
export function push<T>(world: World, repo: Repo, pusher: Account, work: () => Promise<T>): Promise<T> {
  return repo.exclusive(async () => {
    if (repo.deleted) throw new Refused(`the repository ${repo.owner.login}/${repo.name} is gone`);
    try {
      return await work();
    } finally {
      await settle(world, repo, pusher);
    }
  });
}

/** Everything that takes time is read first; then state and events change in one go. */
async function settle(world: World, repo: Repo, pusher: Account): Promise<void> {
  const after = await readRefs(repo.dir);
  const changes = compareRefs(repo.refs, after);
  if (changes.length === 0) return;
  // One after another: a push may carry hundreds of branches.
  const details: JsonObject[] = [];
  for (const change of changes) details.push(await describe(world, repo, change));
  const follow = await followPush(world, repo, changes, pusher);
  repo.refs = after;
  repo.pushedAt = repo.updatedAt = world.now();
  for (const [index, change] of changes.entries()) announce(world, repo, pusher, change, details[index] ?? {});
  for (const apply of follow) apply();
}

/** Refs that differ, in the order of their names. */
export function compareRefs(before: Map<string, string>, after: Map<string, string>): RefChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((ref) => ({ ref, before: before.get(ref) ?? null, after: after.get(ref) ?? null }))
    .filter((change) => change.before !== change.after);
}

async function describe(world: World, repo: Repo, { ref, before, after }: RefChange): Promise<JsonObject> {
  if (after === null) return { forced: false, commits: [], head_commit: null };
  try {
    const exclude = before === null ? [...new Set(repo.refs.values())] : [before];
    const commits = (await commitsBetween(repo.dir, after, exclude, 2_048)).toReversed();
    const [head] = await commitsBetween(repo.dir, after, [], 1);
    const files = await filesOf(repo.dir, [...new Set([...commits.map(({ sha }) => sha), ...(head ? [head.sha] : [])])]);
    const shape = (commit: (typeof commits)[number]) => pushedCommitShape(world, repo, commit, files.get(commit.sha));
    const forced = before !== null && !(await isAncestor(repo.dir, before, after));
    return { forced, commits: commits.map(shape), head_commit: head ? shape(head) : null };
  } catch (error) {
    // A tag may name a tree or a blob: there are no commits to tell of then.
    if (error instanceof GitError && ref.startsWith('refs/tags/')) return { forced: false, commits: [], head_commit: null };
    throw error;
  }
}

function announce(world: World, repo: Repo, pusher: Account, { ref, before, after }: RefChange, details: JsonObject): void {
  const [kind, name] = ref.startsWith('refs/tags/') ? ['tag', ref.slice('refs/tags/'.length)] : ['branch', ref.slice('refs/heads/'.length)];
  const about = { ref: name, ref_type: kind, pusher_type: 'user' };
  if (before === null) emit(world, 'create', repo, pusher, { ...about, master_branch: repo.defaultBranch, description: null });
  if (after === null) emit(world, 'delete', repo, pusher, about);
  const from = before === null ? '' : `${before.slice(0, 12)}...`;
  emit(world, 'push', repo, pusher, {
    ref,
    before: before ?? zeros,
    after: after ?? zeros,
    created: before === null,
    deleted: after === null,
    base_ref: null,
    compare: `${repoPage(world, repo)}/compare/${from}${(after ?? zeros).slice(0, 12)}`,
    ...details,
    repository: pushedRepositoryShape(world, repo),
    pusher: { name: pusher.login, email: emailOf(pusher) },
  });
}
