import { z } from 'zod';
import { commentMarker } from '../domain/comment.ts';
import type { Reporter } from '../reconcile/ports/reporter.ts';
import { type Asker, ask, askPages } from './ask.ts';
import { refusalOf } from './trouble.ts';

type Request = Parameters<Reporter['putComment']>[0];

/**
 * Makes our comment say `body`: the known one is edited; when there is none, or it is gone, ours is looked for before one is
 * created. So a try after a time-out, of which nobody knows what it did, finds what was created.
 */
export async function putComment(octokit: Asker, appId: number, request: Request, signal: AbortSignal): Promise<{ commentId: number }> {
  if (request.commentId !== null && (await edit(octokit, request, request.commentId, signal))) return { commentId: request.commentId };
  for (const found of await findOurs(octokit, appId, request, signal)) {
    if (await edit(octokit, request, found, signal)) return { commentId: found };
  }
  return { commentId: await create(octokit, request, signal) };
}

/** False when the comment is gone. */
async function edit(octokit: Asker, request: Request, commentId: number, signal: AbortSignal): Promise<boolean> {
  const question = {
    what: `GitHub did not take the edit of our comment on ${pullName(request)}`,
    route: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
    parameters: { ...repositoryOf(request), comment_id: commentId, body: request.body },
    shape: z.object({ id: z.literal(commentId) }),
  };
  try {
    await ask(octokit, question, signal);
    return true;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.of === 'request' && [404, 410].includes(refusal.status)) return false;
    throw error;
  }
}

/** Our comments on the page that has the first of them, oldest first; GitHub lists comments in the order in which they came. */
async function findOurs(octokit: Asker, appId: number, request: Request, signal: AbortSignal): Promise<number[]> {
  const question = {
    what: `GitHub did not list the comments on ${pullName(request)}`,
    route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    parameters: { ...repositoryOf(request), issue_number: request.pull },
    shape: z.array(commentShape),
  };
  for await (const comments of askPages(octokit, question, signal)) {
    const ours = comments.filter((comment) => isOurs(comment, appId)).map(({ id }) => id);
    if (ours.length > 0) return ours.sort((a, b) => a - b);
  }
  return [];
}

async function create(octokit: Asker, request: Request, signal: AbortSignal): Promise<number> {
  const question = {
    what: `GitHub did not take the comment on ${pullName(request)}`,
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    parameters: { ...repositoryOf(request), issue_number: request.pull, body: request.body },
    shape: z.object({ id: z.int().positive() }),
  };
  return (await ask(octokit, question, signal)).id;
}

/** By the marker and by our App as the author: anybody can paste the marker, and a person can write by way of our App. */
function isOurs({ body, user, performed_via_github_app: app }: z.infer<typeof commentShape>, appId: number): boolean {
  return (body ?? '').includes(commentMarker) && user?.type === 'Bot' && app?.id === appId;
}

const commentShape = z.object({
  id: z.int().positive(),
  body: z.string().nullish(),
  user: z.object({ type: z.string() }).nullish(),
  performed_via_github_app: z.object({ id: z.int() }).nullish(),
});

function repositoryOf({ project }: Request): { owner: string; repo: string } {
  return { owner: project.owner, repo: project.name };
}

function pullName({ project, pull }: Request): string {
  return `${project.owner}/${project.name}#${pull}`;
}
