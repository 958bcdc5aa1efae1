import type Dockerode from 'dockerode';
import { instructionOfStep } from '../domain/dockerfile-line.ts';
import type { KosukeError } from '../domain/errors.ts';
import { unreadChmod, unreadFeature, type UnreadFeature } from '../domain/frontend-features.ts';
import { engineFailure, failureIn, unreadFailure, wasDenied, type BuildBroken } from './failure.ts';

/**
 * Why a build of this Dockerfile broke. Where the frontend complains about what newer ones read, or a command may not use a file that was copied with rights in letters, the
 * engine is asked for its version; one that cannot tell it has gone away. Rejects with the signal's reason.
 */
export async function explained(docker: Dockerode, broken: BuildBroken, dockerfile: string, signal: AbortSignal): Promise<KosukeError> {
  if (unread(broken, dockerfile, oldest) === null) return failureIn(broken, dockerfile);
  try {
    const version = await versionOf(docker, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    const feature = unread(broken, dockerfile, version);
    return feature === null ? failureIn(broken, dockerfile) : unreadFailure(feature, version);
  } catch (error) {
    signal.throwIfAborted();
    return engineFailure(error instanceof Error ? error.message : String(error), error);
  }
}

function unread(broken: BuildBroken, dockerfile: string, version: string): UnreadFeature | null {
  if (broken.vertex === '') return unreadFeature(dockerfile, broken.message, version);
  return wasDenied(broken) ? unreadChmod(dockerfile, instructionOfStep(dockerfile, broken.vertex)?.from ?? null, version) : null;
}

/** An engine of this version reads none of the features. */
const oldest = '0';
const limitMs = 10_000;

function versionOf(docker: Dockerode, abortSignal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    docker.modem.dial({ path: '/version', method: 'GET', abortSignal, statusCodes: { 200: true, 500: 'server error' } }, (error, answer) =>
      error ? reject(error) : resolve((answer as Dockerode.DockerVersion).Version),
    );
  });
}
