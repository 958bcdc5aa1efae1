import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Logger } from 'pino';
import { KosukeError } from '../domain/errors.ts';
import type { BuildRequest, ImageBuilder } from '../reconcile/ports/image-builder.ts';
import { withFile } from './context.ts';
import { withoutIgnored } from './ignored.ts';
import { buildFailure, buildTimeout, engineFailure } from './failure.ts';
import { createProgress, type Progress } from './progress.ts';
import { records } from './records.ts';
import { openSession } from './session.ts';
import { decodeTrace } from './trace.ts';

/** Builds images with the BuildKit inside the Docker Engine, through the plain API. */
export function createImageBuilder(options: { docker: Dockerode; log: Logger }): ImageBuilder {
  return {
    async build(request, onLine, signal) {
      // An archive may break before or after somebody reads it: it is looked at where the build ends.
      request.context.on('error', () => undefined);
      const ending = new AbortController();
      const onAbort = (): void => ending.abort();
      signal.addEventListener('abort', onAbort, { once: true });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        ending.abort();
      }, Math.min(request.timeoutMs, longestTimer));
      const progress = createProgress();
      try {
        signal.throwIfAborted();
        const imageId = await run(options.docker, request, progress, onLine, ending.signal);
        options.log.debug({ image: request.tag, imageId }, 'image built');
        return { imageId };
      } catch (error) {
        signal.throwIfAborted();
        if (late) throw buildTimeout(request.timeoutMs, progress.tail());
        // What broke the request may be the archive behind it: that error says more, unless the archive was merely read no further.
        const known = [error, request.context.errored].find((one) => one instanceof KosukeError);
        if (known !== undefined) throw known;
        const cause = request.context.errored ?? error;
        throw engineFailure(cause instanceof Error ? cause.message : String(cause), cause);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        request.context.destroy();
      }
    },
  };
}

async function run(
  docker: Dockerode,
  request: BuildRequest,
  progress: Progress,
  onLine: Parameters<ImageBuilder['build']>[1],
  signal: AbortSignal,
): Promise<string> {
  const session = await openSession(docker, signal);
  try {
    let imageId: string | null = null;
    let broken: string | null = null;
    try {
      for await (const record of records(await start(docker, request, session.id, signal))) {
        if (record.id === 'moby.buildkit.trace' && typeof record.aux === 'string') progress.take(decodeTrace(record.aux)).forEach(onLine);
        else if (record.id === 'moby.image.id') imageId = (record.aux as { ID: string }).ID;
        else if (typeof record.error === 'string') broken = record.error;
      }
    } finally {
      progress.end().forEach(onLine);
    }
    signal.throwIfAborted();
    if (broken !== null) throw buildFailure(broken, progress);
    if (imageId === null) throw engineFailure('It ended the build without saying which image it made');
    return imageId;
  } finally {
    session.close();
  }
}

/** Sends the context; resolves with the stream of progress as soon as the engine begins to answer. */
async function start(docker: Dockerode, request: BuildRequest, session: string, abortSignal: AbortSignal): Promise<Readable> {
  const whole = withFile(request.context, dockerfile, request.dockerfileText);
  const context = Readable.from(request.ignore === null ? whole : withoutIgnored(whole, request.ignore, dockerfile), { objectMode: false });
  const options = {
    version: '2',
    t: request.tag,
    dockerfile,
    nocache: request.noCache,
    buildargs: { BUILDKIT_CACHE_MOUNT_NS: request.cacheNamespace },
    session,
  };
  return await new Promise<Readable>((resolve, reject) => {
    docker.modem.dial(
      { path: '/build?', method: 'POST', file: context, options, abortSignal, isStream: true, statusCodes: { 200: true, 400: 'bad request', 500: 'server error' } },
      (error, answer) => (error ? reject(error) : resolve(answer as Readable)),
    );
  });
}

/** Timers beyond this fire at once. */
const longestTimer = 2 ** 31 - 1;
const dockerfile = 'Dockerfile';
