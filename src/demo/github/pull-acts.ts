import { actorFor } from './accounts.ts';
import { addComment, editComment, removeComment } from './comments.ts';
import { commentOf, pullOf, repoOf } from './find.ts';
import { closePull, deleteMergedBranch, editPull, mergePull, openPull, reopenPull, setDraft, setLabel } from './pulls.ts';
import { commentSnapshot, pullSnapshot } from './snapshots.ts';
import type { LocalGitHub, PullRequestSnapshot, RepositoryRef } from './types.ts';
import type { Account, Pull, World } from './world.ts';

type PullActs = Pick<
  LocalGitHub,
  | 'openPullRequest'
  | 'editPullRequest'
  | 'closePullRequest'
  | 'reopenPullRequest'
  | 'mergePullRequest'
  | 'readyForReview'
  | 'convertToDraft'
  | 'label'
  | 'unlabel'
  | 'comment'
  | 'editComment'
  | 'deleteComment'
>;

type Named = { repository: RepositoryRef; number: number };

/** What people do with pull requests on their page. */
export function pullActs(world: World): PullActs {
  const pullIn = ({ repository, number }: Named) => pullOf(world, repository, number);
  const shown = (pull: Pull) => pullSnapshot(world, pull);
  const person = (ref: RepositoryRef, login: string | undefined): Account => actorFor(world, repoOf(world, ref).owner, login);
  const changed = (named: Named, change: (pull: Pull) => void): PullRequestSnapshot => {
    change(pullIn(named));
    return shown(pullIn(named));
  };
  return {
    openPullRequest: async ({ repository, head, headRepository, base, title, body, draft = false, author }) => {
      const repo = repoOf(world, repository);
      const headRepo = headRepository ? repoOf(world, headRepository) : repo;
      const opener = actorFor(world, headRepo.owner, author);
      const wanted = { repo, head, headRepo, base: base ?? repo.defaultBranch, title, body: body ?? null, draft, author: opener };
      return shown(await openPull(world, wanted));
    },
    editPullRequest: async ({ title, body, base, ...named }) => {
      await editPull(world, pullIn(named), { title, body, base });
      return shown(pullIn(named));
    },
    closePullRequest: async ({ author, ...named }) =>
      changed(named, (pull) => closePull(world, pull, person(named.repository, author))),
    reopenPullRequest: async ({ author, ...named }) => {
      await reopenPull(world, pullIn(named), person(named.repository, author));
      return shown(pullIn(named));
    },
    mergePullRequest: async ({ deleteBranch = false, author, ...named }) => {
      const pull = pullIn(named);
      const merger = person(named.repository, author);
      await mergePull(world, pull, merger);
      if (deleteBranch) await deleteMergedBranch(world, pull, merger);
      return shown(pull);
    },
    readyForReview: (named) => changed(named, (pull) => setDraft(world, pull, false)),
    convertToDraft: (named) => changed(named, (pull) => setDraft(world, pull, true)),
    label: ({ name, ...named }) => changed(named, (pull) => setLabel(world, pull, name, true)),
    unlabel: ({ name, ...named }) => changed(named, (pull) => setLabel(world, pull, name, false)),
    comment: ({ body, author, ...named }) => commentSnapshot(addComment(world, pullIn(named), body, person(named.repository, author))),
    editComment: ({ repository, id, body, author }) => {
      const comment = commentOf(world, repository, id);
      editComment(world, comment, body, person(repository, author));
      return commentSnapshot(comment);
    },
    deleteComment: ({ repository, id, author }) => removeComment(world, commentOf(world, repository, id), person(repository, author)),
  };
}
