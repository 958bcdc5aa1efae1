import { KosukeError } from '../domain/errors.ts';
import { call, reasonOf, statusOf } from './call.ts';
import type { Context } from './context.ts';

/**
 * Starts a container; one that runs already is fine. Throws `KosukeError` `exited` (fault app) when the image's command cannot be
 * run at all, else `engine`.
 */
export async function startContainer(context: Context, id: string, signal: AbortSignal): Promise<void> {
  try {
    await call('starting a container', { signal, ms: context.limitMs * 2 }, (abortSignal) =>
      context.docker.getContainer(id).start({ abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 304) return;
    const reason = reasonOf(error);
    if (statusOf(error) !== undefined && commandFault.test(reason)) throw cannotRun(reason, error);
    throw error;
  }
}

/** How runc says that the process, not the container around it, could not be started (its `exec:` prefix names the command). */
const commandFault = /exec: ".*?": |exec .*?: (?:exec format error|no such file or directory|permission denied)|unable to find user|chdir to cwd/s;

function cannotRun(reason: string, cause: unknown): KosukeError {
  return new KosukeError(
    {
      code: 'exited',
      fault: 'app',
      what: 'The command of the image could not be started',
      why: reason.replace(/^.*OCI runtime create failed: /s, '').replace(/: unknown$/, ''),
      next: 'Check CMD, ENTRYPOINT, USER and WORKDIR in the Dockerfile.',
    },
    { cause },
  );
}
