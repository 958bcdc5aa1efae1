import { addAbortSignal, type Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { BuildRequest, ImageBuilder } from '../reconcile/ports/image-builder.ts';
import { registryOf, type Bases } from './bases.ts';
import { readContext } from './context.ts';
import { buildFailure, engineFailure } from './failure.ts';
import { type LocalSource, textsAsSource } from './local-source.ts';
import type { Progress } from './progress.ts';
import { records } from './records.ts';
import { openSession } from './session.ts';
import { openSpool } from './spool.ts';
import { decodeTrace } from './trace.ts';

export type AttemptOptions = {
  docker: Dockerode;
  context: Readable;
  /** Where the files of the context are while it runs. */
  spoolDir: string;
  /** Ask the registries for the base images even when they are here. */
  pull: boolean;
  /** How long a registry may take to say what a base image is. */
  registryLimitMs: number;
  progress: Progress;
  bases: Bases;
  /** Asked whenever `bases` has learned something: true ends the attempt by `EnoughKnown`. */
  enough?: () => boolean;
  onLine: Parameters<ImageBuilder['build']>[1];
};

/** The attempt was for knowing its base images: not an error. */
export class EnoughKnown extends Error {
  override readonly name = 'EnoughKnown';
}

/** One run of BuildKit; resolves with the image's id. `bases` learns what it was built on, or which one it ended for. */
export async function attempt(request: BuildRequest, options: AttemptOptions, signal: AbortSignal): Promise<string> {
  const spool = await openSpool(options.spoolDir);
  try {
    // All of it before anything is built: only its end says that it is whole.
    const context = await readContext(addAbortSignal(signal, options.context), request.ignore, spool);
    return await build(request, options, { context, dockerfile: textsAsSource({ [dockerfile]: request.dockerfileText, [`${dockerfile}.dockerignore`]: '' }) }, signal);
  } finally {
    await spool.close();
  }
}

async function build(request: BuildRequest, options: AttemptOptions, sources: Record<string, LocalSource>, signal: AbortSignal): Promise<string> {
  const { bases, progress, onLine } = options;
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  const session = await openSession(options.docker, sources, both);
  const patience = createPatience(options.registryLimitMs, () => ending.abort());
  try {
    let imageId: string | null = null;
    let broken: string | null = null;
    try {
      for await (const record of records(await start(request, options, session.id, both))) {
        if (record.id === 'moby.buildkit.trace' && typeof record.aux === 'string') {
          const trace = decodeTrace(record.aux);
          bases.take(trace);
          patience.waitsFor(bases.open().length > 0);
          if (options.enough?.()) throw new EnoughKnown();
          progress.take(trace).forEach(onLine);
        } else if (record.id === 'moby.image.id') imageId = (record.aux as { ID: string }).ID;
        else if (typeof record.error === 'string') broken = record.error;
      }
    } finally {
      progress.end().forEach(onLine);
    }
    signal.throwIfAborted();
    if (session.failure() !== null) throw session.failure();
    if (broken !== null) throw buildFailure(broken, progress);
    if (imageId === null) throw engineFailure('It ended the build without saying which image it made');
    return imageId;
  } catch (error) {
    if (!signal.aborted && ending.signal.aborted) throw silent(bases.open(), options.registryLimitMs, error);
    throw error;
  } finally {
    patience.end();
    session.close();
  }
}

/** Calls `onEnd` when something has been waited for without a break of `limitMs`. */
function createPatience(limitMs: number, onEnd: () => void): { waitsFor(something: boolean): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return { end, waitsFor: (something) => (something ? (timer ??= setTimeout(onEnd, limitMs)) : end()) };
}

function silent(open: readonly string[], limitMs: number, cause: unknown) {
  const registries = [...new Set(open.map(registryOf))].join(', ');
  return engineFailure(`The registry ${registries} did not answer within ${Math.round(limitMs / 1000)} s`, cause);
}

/** Resolves with the stream of progress as soon as the engine begins to answer. It asks for the files over the session. */
async function start(request: BuildRequest, { docker, pull }: AttemptOptions, session: string, abortSignal: AbortSignal): Promise<Readable> {
  const options = {
    version: '2',
    remote: 'client-session',
    t: request.tag,
    dockerfile,
    nocache: request.noCache,
    ...(pull ? { pull: '1' } : {}),
    buildargs: { ...request.args, BUILDKIT_CACHE_MOUNT_NS: request.cacheNamespace },
    session,
  };
  return await new Promise<Readable>((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/build?',
        method: 'POST',
        options: { _query: options, _body: {} },
        abortSignal,
        isStream: true,
        statusCodes: { 200: true, 400: 'bad request', 500: 'server error' },
      },
      (error, answer) => (error ? reject(error) : resolve(answer as Readable)),
    );
  });
}

/** A `Dockerfile.dockerignore` beside it goes before `.dockerignore`: an empty one keeps the engine from applying what is applied already. */
const dockerfile = 'Dockerfile';
