import { KosukeError } from '../domain/errors.ts';
import type { Reporter } from '../reconcile/ports/reporter.ts';
import type { Asker } from './ask.ts';
import { putComment } from './comment.ts';
import { createDeployment, createStatus } from './deployment.ts';
import { refusalOf } from './trouble.ts';

export type ReporterOptions = { octokitFor: (installationId: number) => Asker; appId: number };

/** Writes to GitHub: the one comment of a pull request, and deployments with their statuses. */
export function createReporter({ octokitFor, appId }: ReporterOptions): Reporter {
  return {
    putComment: (request, signal) => told(putComment(octokitFor(request.project.installationId), appId, request, signal)),
    createDeployment: (request, signal) => told(createDeployment(octokitFor(request.project.installationId), request, signal)),
    createStatus: (request, signal) => told(createStatus(octokitFor(request.project.installationId), request, signal)),
  };
}

/**
 * Tells whether writing the same again can help. It cannot once GitHub itself has refused the request: repository or pull request
 * gone (404, 410, 451), conversation locked, repository archived or permission missing (403), text not accepted (422). It can after
 * anything unclear, a refused token (401, or none for a suspended installation), and a conflict (409).
 */
async function told<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const refusal = refusalOf(error);
    const hopeless = refusal?.of === 'request' && [403, 404, 410, 422, 451].includes(refusal.status) && !/suspended/i.test(refusal.message);
    if (!(error instanceof KosukeError) || !hopeless) throw error;
    throw new KosukeError({ ...error.failure, next: remedy(refusal.status, error.failure.next) }, { cause: error.cause, retry: false });
  }
}

function remedy(status: number, next: string): string {
  if (status === 403 && next.startsWith('Give the App')) return next;
  if (status === 403) return 'Unlock the conversation, or unarchive the repository, if the report is wanted there.';
  if (status === 422) return 'GitHub does not accept what was written; please report it.';
  return 'Nothing: what was reported on is gone.';
}
