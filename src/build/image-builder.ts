import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Logger } from 'pino';
import { KosukeError } from '../domain/errors.ts';
import type { BuildRequest, ImageBuilder } from '../reconcile/ports/image-builder.ts';
import { buildAfresh, type AfreshOptions } from './afresh.ts';
import { attempt } from './attempt.ts';
import { createBases } from './bases.ts';
import { explained } from './explain.ts';
import { BuildBroken, buildTimeout, engineFailure } from './failure.ts';
import { inContext } from './in-context.ts';
import { collectBases, keepBase } from './keep-bases.ts';
import { createProgress, type Progress } from './progress.ts';
import { removeLeftovers } from './spool.ts';

type Options = {
  docker: Dockerode;
  log: Logger;
  /** The key of the instance, under which base images that we fetched are marked. */
  imageKey: Buffer;
  /** How long a registry may take to say what a base image is; 30 s. */
  registryLimitMs?: number;
  /** Where the files of a build are while it runs; the system's folder for temporary files. */
  spoolDir?: string;
};

/** Builds images with the BuildKit inside the Docker Engine, through the plain API. */
export function createImageBuilder({ docker, log, imageKey, registryLimitMs = 30_000, spoolDir = tmpdir() }: Options): ImageBuilder {
  void removeLeftovers(spoolDir);
  return {
    async build(request, onLine, signal) {
      const ending = new AbortController();
      const onAbort = (): void => ending.abort();
      signal.addEventListener('abort', onAbort, { once: true });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        ending.abort();
      }, Math.min(request.timeoutMs, longestTimer));
      let context: Readable | undefined;
      let progress: Progress = createProgress();
      const begin = () => {
        context?.destroy();
        context = request.context();
        // An archive may break before or after somebody reads it: it is looked at where the build ends.
        context.on('error', () => undefined);
        progress = createProgress();
        return { context, progress };
      };
      try {
        signal.throwIfAborted();
        const options = { docker, imageKey, registryLimitMs, spoolDir, onLine, begin };
        const made = request.noCache ? await buildAfresh(request, options, ending.signal) : await buildOnce(request, options, ending.signal);
        log.debug({ image: request.tag, imageId: made.imageId }, 'image built');
        return made;
      } catch (error) {
        signal.throwIfAborted();
        if (late) throw buildTimeout(request.timeoutMs, progress.tail());
        // Of a context that came only in part the engine knows no more than that.
        if (error instanceof BuildBroken && !(context?.errored instanceof KosukeError)) throw await explained(docker, error, request.dockerfileText, signal);
        // What broke the request may be the archive behind it: that error says more, unless the archive was merely read no further.
        const known = [error, context?.errored].find((one) => one instanceof KosukeError);
        if (known !== undefined) throw known;
        const cause = context?.errored ?? error;
        throw engineFailure(cause instanceof Error ? cause.message : String(cause), cause);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        context?.destroy();
      }
    },

    inContext: (paths, ignore, signal) => inContext(paths, ignore, signal),

    async keepBases(bases, options, signal) {
      for (const base of bases) {
        await keepBase(docker, imageKey, base, options, signal);
        log.debug({ base }, 'base image looked after');
      }
    },

    collectBases: (unusedSince, signal) => collectBases(docker, imageKey, unusedSince, signal),
  };
}

async function buildOnce(request: BuildRequest, options: AfreshOptions, signal: AbortSignal): Promise<{ imageId: string; bases: string[] }> {
  const bases = createBases();
  const imageId = await attempt(request, { ...options, ...options.begin(), pull: false, bases }, signal);
  return { imageId, bases: bases.names() };
}

/** Timers beyond this fire at once. */
const longestTimer = 2 ** 31 - 1;
