import { addComment, editComment, removeComment } from '../comments.ts';
import { commentShape } from '../shapes/comment.ts';
import type { Comment } from '../world.ts';
import { fields } from './body.ts';
import { invalidField, notFound } from './errors.ts';
import { page } from './paging.ts';
import { pullAt } from './pulls.ts';
import { numberParam, repoRoute, type RepoCall, type Route } from './routes.ts';

const longest = 65_536;
const read = 'issues|pull_requests:read';
const write = 'issues|pull_requests:write';

/** The timeline of a pull request; GitHub keeps it under its issue. */
export const commentRoutes: Route[] = [
  repoRoute('GET', '/issues/{issue_number}/comments', read, (call) => {
    const pull = pullAt(call, 'issue_number');
    const since = Date.parse(call.query.get('since') ?? '1970-01-01');
    const comments = [...call.repo.comments.values()].filter((comment) => comment.pull === pull && comment.updatedAt.getTime() >= since);
    return page(call, comments, (comment) => commentShape(call.world, comment));
  }),
  repoRoute('POST', '/issues/{issue_number}/comments', write, (call) => {
    const comment = addComment(call.world, pullAt(call, 'issue_number'), bodyOf(call), call.world.app.bot);
    const body = commentShape(call.world, comment);
    return { status: 201, body, headers: { Location: String(body['url']) } };
  }),
  repoRoute('GET', '/issues/comments/{comment_id}', read, (call) => ({ status: 200, body: commentShape(call.world, commentAt(call)) })),
  repoRoute('PATCH', '/issues/comments/{comment_id}', write, (call) => {
    const comment = commentAt(call);
    editComment(call.world, comment, bodyOf(call), call.world.app.bot);
    return { status: 200, body: commentShape(call.world, comment) };
  }),
  repoRoute('DELETE', '/issues/comments/{comment_id}', write, (call) => {
    removeComment(call.world, commentAt(call), call.world.app.bot);
    return { status: 204, body: undefined };
  }),
];

function commentAt(call: RepoCall): Comment {
  const comment = call.repo.comments.get(numberParam(call, 'comment_id'));
  if (!comment) throw notFound();
  return comment;
}

function bodyOf(call: RepoCall): string {
  const { body } = fields(call.body, { body: 'string' });
  if (body.trim() === '') throw invalidField('IssueComment', 'body', "body can't be blank");
  // GitHub counts characters, not UTF-16 units.
  if ([...body].length > longest) throw invalidField('IssueComment', 'body', `body is too long (maximum is ${longest} characters)`);
  return body;
}
