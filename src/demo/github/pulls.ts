import { actorFor } from './accounts.ts';
import { fetchObjects } from './git/bare.ts';
import { changeBetween, isAncestor } from './git/history.ts';
import { mergedTree, writeCommit } from './git/write.ts';
import { git } from './git/run.ts';
import { close, emitPull, publishHead } from './pull-heads.ts';
import { push } from './pushes.ts';
import { labelShape } from './shapes/pull.ts';
import type { JsonObject } from './types.ts';
import { type Account, type Pull, Refused, type Repo, type World } from './world.ts';

export type NewPull = {
  repo: Repo;
  head: string;
  headRepo: Repo;
  base: string;
  title: string | undefined;
  body: string | null;
  draft: boolean;
  author: Account;
};

/** @throws Refused as GitHub does: no such branch, nothing between them, open already. */
export function openPull(world: World, wanted: NewPull): Promise<Pull> {
  const { repo, headRepo } = wanted;
  // No push of the head can come between reading and publishing it.
  return headRepo.exclusive(async () => {
    const head = branchOf(headRepo, wanted.head);
    const base = branchOf(repo, wanted.base);
    const same = [...repo.pulls.values()].find(
      (pull) => pull.state === 'open' && pull.head.repo === headRepo && pull.head.ref === wanted.head && pull.base.ref === wanted.base,
    );
    if (same) throw new Refused(`A pull request already exists for ${headRepo.owner.login}:${wanted.head}.`);
    if (headRepo !== repo) await fetchObjects(repo.dir, headRepo.dir, head);
    const change = await changeBetween(repo.dir, base, head);
    if (change.commits.length === 0) throw new Refused(`No commits between ${wanted.base} and ${wanted.head}`);
    const number = repo.nextNumber++;
    await publishHead({ repo, number, head: { repo: headRepo, ref: wanted.head, sha: head } }, head);
    const now = world.now();
    const pull: Pull = {
      id: world.nextId('pull'),
      issueId: world.nextId('issue'),
      repo,
      number,
      title: wanted.title ?? change.commits.at(-1)?.message.split('\n')[0] ?? wanted.head,
      body: wanted.body,
      state: 'open',
      draft: wanted.draft,
      author: wanted.author,
      head: { repo: headRepo, ref: wanted.head, sha: head },
      heads: [head],
      base: { ref: wanted.base, sha: base },
      labels: new Map(),
      mergedAt: null,
      mergedBy: null,
      mergeCommit: null,
      closedAt: null,
      createdAt: now,
      updatedAt: now,
      change,
    };
    repo.pulls.set(number, pull);
    emitPull(world, pull, 'opened', wanted.author);
    return pull;
  });
}

/** @throws Refused when the new base is no branch. */
export function editPull(world: World, pull: Pull, edit: { title?: string; body?: string; base?: string }): Promise<void> {
  // No push of the head can come between counting what lies between the two and saying so.
  return pull.head.repo.exclusive(async () => {
    const changes: JsonObject = {};
    const base = edit.base === undefined ? undefined : branchOf(pull.repo, edit.base);
    const change = base === undefined ? pull.change : await changeBetween(pull.repo.dir, base, pull.head.sha);
    if (edit.title !== undefined) changes['title'] = { from: pull.title };
    if (edit.body !== undefined) changes['body'] = { from: pull.body ?? '' };
    if (edit.base !== undefined) changes['base'] = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
    pull.title = edit.title ?? pull.title;
    pull.body = edit.body ?? pull.body;
    if (edit.base !== undefined && base !== undefined) pull.base = { ref: edit.base, sha: base };
    pull.change = change;
    touch(world, pull);
    emitPull(world, pull, 'edited', actorFor(world, pull.repo.owner, undefined), { changes });
  });
}

export function closePull(world: World, pull: Pull, sender: Account): void {
  if (pull.state === 'closed') throw new Refused(`#${pull.number} is closed already`);
  close(world, pull, sender);
}

/** @throws Refused when it is open or merged, or its branch is gone or was force-pushed since, as on GitHub. */
export function reopenPull(world: World, pull: Pull, sender: Account): Promise<void> {
  return pull.head.repo.exclusive(async () => {
    if (pull.state === 'open' || pull.mergedAt) throw new Refused(`#${pull.number} cannot be reopened`);
    const sha = branchOf(pull.head.repo, pull.head.ref);
    branchOf(pull.repo, pull.base.ref);
    if (!(await isAncestor(pull.head.repo.dir, pull.head.sha, sha))) {
      throw new Refused(`#${pull.number} cannot be reopened: the branch ${pull.head.ref} was force-pushed or recreated`);
    }
    await publishHead(pull, sha);
    pull.change = await changeBetween(pull.repo.dir, pull.base.sha, sha);
    pull.head.sha = sha;
    pull.heads.push(sha);
    pull.state = 'open';
    pull.closedAt = null;
    touch(world, pull);
    emitPull(world, pull, 'reopened', sender);
  });
}

/** Pushes a merge commit to the base, which closes the pull request as merged. @throws Refused on a conflict. */
export async function mergePull(world: World, pull: Pull, sender: Account): Promise<void> {
  if (pull.state === 'closed') throw new Refused(`#${pull.number} is closed`);
  if (pull.draft) throw new Refused(`#${pull.number} is still a draft`);
  const { repo } = pull;
  await push(world, repo, sender, async () => {
    const base = branchOf(repo, pull.base.ref);
    const tree = await mergedTree(repo.dir, base, pull.head.sha);
    if (tree === undefined) throw new Refused(`#${pull.number} has conflicts with ${pull.base.ref}`);
    const message = `Merge pull request #${pull.number} from ${pull.head.repo.owner.login}/${pull.head.ref}\n\n${pull.title}`;
    const merge = { parent: pull.head.sha, tree };
    await writeCommit(repo.dir, { ref: `refs/heads/${pull.base.ref}`, parent: base, merge, message, author: sender, at: world.now() });
  });
  if (pull.mergedAt === null) throw new Refused(`#${pull.number} got new commits while it was merged`);
}

/** Deletes the head branch after a merge; what was stacked on it moves to the merged one's base, as GitHub's button does. */
export async function deleteMergedBranch(world: World, pull: Pull, sender: Account): Promise<void> {
  if (pull.head.repo === pull.repo) {
    for (const other of pull.repo.pulls.values()) {
      if (other.state === 'open' && other.base.ref === pull.head.ref) await editPull(world, other, { base: pull.base.ref });
    }
  }
  const { repo, ref } = pull.head;
  await push(world, repo, sender, () => git(repo.dir, ['update-ref', '-d', `refs/heads/${ref}`]));
}

export function setDraft(world: World, pull: Pull, draft: boolean): void {
  if (pull.draft === draft) return;
  pull.draft = draft;
  touch(world, pull);
  emitPull(world, pull, draft ? 'converted_to_draft' : 'ready_for_review', actorFor(world, pull.repo.owner, undefined));
}

export function setLabel(world: World, pull: Pull, name: string, on: boolean): void {
  const label = pull.labels.get(name) ?? { id: world.nextId('label'), name, color: 'd73a4a' };
  if (pull.labels.has(name) === on) return;
  if (on) pull.labels.set(name, label);
  else pull.labels.delete(name);
  touch(world, pull);
  const sender = actorFor(world, pull.repo.owner, undefined);
  emitPull(world, pull, on ? 'labeled' : 'unlabeled', sender, { label: labelShape(world, pull.repo, label) });
}

function branchOf(repo: Repo, branch: string): string {
  const sha = repo.deleted ? undefined : repo.refs.get(`refs/heads/${branch}`);
  if (sha === undefined) throw new Refused(`${repo.owner.login}/${repo.name} has no branch ${branch}`);
  return sha;
}

function touch(world: World, pull: Pull): void {
  pull.updatedAt = world.now();
}
