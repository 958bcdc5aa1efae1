import type { RepositoryRef } from './types.ts';
import { type Comment, type Pull, Refused, type Repo, type World } from './world.ts';

/** @throws Refused when it is not there any more. */
export function repoOf(world: World, ref: RepositoryRef): Repo {
  const repo = world.repos.get(ref.id);
  if (!repo || repo.deleted) throw new Refused(`there is no repository ${ref.id}`);
  return repo;
}

/** @throws Refused when there is none of that number. */
export function pullOf(world: World, ref: RepositoryRef, number: number): Pull {
  const pull = repoOf(world, ref).pulls.get(number);
  if (!pull) throw new Refused(`repository ${ref.id} has no pull request #${number}`);
  return pull;
}

/** @throws Refused when it was deleted, or is another repository's. */
export function commentOf(world: World, ref: RepositoryRef, id: number): Comment {
  const comment = repoOf(world, ref).comments.get(id);
  if (!comment) throw new Refused(`repository ${ref.id} has no comment ${id}`);
  return comment;
}
