import { KosukeError } from '../domain/errors.ts';
import { call, reasonOf, statusOf } from './call.ts';
import type { Context } from './context.ts';

/**
 * Starts a container; one that runs already is fine. Throws `KosukeError` `exited` (fault app) when the image's command cannot be
 * run at all, `port-taken` when something else has the port that it is to publish, else `engine`.
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
    if (statusOf(error) !== undefined && portFault.test(reason)) throw portTaken(reason, error);
    throw error;
  }
}

/** How runc says that the process, not the container around it, could not be started (its `exec:` prefix names the command). */
const commandFault = /exec: ".*?": |exec .*?: (?:exec format error|no such file or directory|permission denied)|unable to find user|chdir to cwd/s;

/** Another container has it, or another program on this machine. */
const portFault = /port is already allocated|bind.*address already in use/is;

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

function portTaken(reason: string, cause: unknown): KosukeError {
  return new KosukeError(
    {
      code: 'port-taken',
      fault: 'us',
      what: 'The port at which the container was to be reached is taken',
      why: reason.replace(/^.*external connectivity on endpoint [^:]*: /s, ''),
      next: 'It is tried again by itself, at another port.',
    },
    { cause },
  );
}
