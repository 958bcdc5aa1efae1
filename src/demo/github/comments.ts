import { emit } from './hooks/emit.ts';
import { commentShape, issueShape } from './shapes/comment.ts';
import type { JsonObject } from './types.ts';
import type { Account, Comment, Pull, World } from './world.ts';

/** Written on the timeline of a pull request, by a person or by the App. */
export function addComment(world: World, pull: Pull, body: string, author: Account): Comment {
  const now = world.now();
  const byApp = author === world.app.bot;
  const comment: Comment = { id: world.nextId('comment'), pull, author, byApp, body, createdAt: now, updatedAt: now, edits: 0 };
  pull.repo.comments.set(comment.id, comment);
  pull.updatedAt = now;
  emitComment(world, comment, 'created', author);
  return comment;
}

export function editComment(world: World, comment: Comment, body: string, editor: Account): void {
  const from = comment.body;
  comment.body = body;
  comment.updatedAt = world.now();
  comment.edits++;
  emitComment(world, comment, 'edited', editor, { changes: { body: { from } } });
}

export function removeComment(world: World, comment: Comment, remover: Account): void {
  comment.pull.repo.comments.delete(comment.id);
  emitComment(world, comment, 'deleted', remover);
}

function emitComment(world: World, comment: Comment, action: string, sender: Account, more: JsonObject = {}): void {
  emit(world, 'issue_comment', comment.pull.repo, sender, {
    action,
    ...more,
    issue: issueShape(world, comment.pull),
    comment: commentShape(world, comment),
  });
}
