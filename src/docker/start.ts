import { KosukeError } from '../domain/errors.ts';
import { call, engineError, reasonOf, statusOf } from './call.ts';
import type { Context } from './context.ts';
import { isOfPreview, readNetwork } from './networks.ts';

/**
 * Starts a container; one that runs already is fine. Throws `KosukeError` `exited` (fault app) when the image's command cannot be
 * run at all, `port-taken` when something else has the port that it is to publish, `network-gone` when the network that it was made in is not
 * there any more (another of the same name does not help it), else `engine`: also when its network is not of this preview, for the engine
 * would put it there.
 */
export async function startContainer(context: Context, id: string, signal: AbortSignal): Promise<void> {
  await mustBeAmongItsOwn(context, id, signal);
  try {
    await call('starting a container', { signal, ms: context.limitMs * 2 }, (abortSignal) =>
      context.docker.getContainer(id).start({ abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 304) return;
    const reason = reasonOf(error);
    if (statusOf(error) === 404 && networkFault.test(reason)) throw networkGone(error);
    if (statusOf(error) !== undefined && commandFault.test(reason)) throw cannotRun(reason, error);
    if (statusOf(error) !== undefined && portFault.test(reason)) throw portTaken(reason, error);
    throw error;
  }
}

async function mustBeAmongItsOwn(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const limits = { signal, ms: context.limitMs };
  const { Name: name, Config: { Labels: labels }, HostConfig: { NetworkMode: network = '' } } = await call('reading a container', limits, (abortSignal) => context.docker.getContainer(id).inspect({ abortSignal }));
  if (network === 'none') return;
  const facts = await readNetwork(context, network, signal).catch((error: unknown) => {
    throw statusOf(error) === 404 ? networkGone(error) : error;
  });
  if (!isOfPreview(facts.Labels, labels)) throw engineError(`starting container ${name.slice(1)}`, `The network ${network} is not of this preview`);
}

/** How runc says that the process, not the container around it, could not be started (its `exec:` prefix names the command). */
const commandFault = /exec: ".*?": |exec .*?: (?:exec format error|no such file or directory|permission denied)|unable to find user|chdir to cwd/s;

/** Another container has it, or another program on this machine. */
const portFault = /port is already allocated|bind.*address already in use/is;

/** The engine notes the id of the network at the first start; one that was removed while nothing ran in it takes its containers along. */
const networkFault = /network \S+ not found/i;

function networkGone(cause: unknown): KosukeError {
  return new KosukeError(
    {
      code: 'network-gone',
      fault: 'us',
      what: 'The network of the preview is not there any more',
      why: reasonOf(cause),
      next: 'It is tried again by itself, in a new one. Commands like `docker network prune` remove the networks of previews that sleep.',
    },
    { cause },
  );
}

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
