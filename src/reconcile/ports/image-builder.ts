import type { Readable } from 'node:stream';
import type { LogLine } from '../../domain/deployment.ts';

export type BuildRequest = {
  /** Plain tar; entries outside the context are not expected. Asked for again when a build has to begin again. */
  context(): Readable;
  /** What is built, whatever the file `Dockerfile` of the context holds or `.dockerignore` says: it is no part of the context. */
  dockerfileText: string;
  /** The text of `.dockerignore`: what it names is not part of the context. */
  ignore: string | null;
  tag: string;
  /** Build arguments, for a Dockerfile that declares them. */
  args: Readonly<Record<string, string>>;
  /** Separates cache mounts between projects (BUILDKIT_CACHE_MOUNT_NS). */
  cacheNamespace: string;
  /**
   * Without cache, and with base images fetched anew. Where a registry does not answer, or has no such image, the one of that name that is
   * here is built on, and a line says so.
   */
  noCache: boolean;
  timeoutMs: number;
};

export type ImageBuilder = {
  /**
   * Builds with BuildKit and resolves with the image's id and the names of the base images it was built on. `onLine` gets decoded lines in order, of a long log only the beginning and
   * the end (about 12,000 lines and 1 MiB). Errors: `KosukeError` with code `build-failed` (fault app), `build-timeout` (app), `too-large`
   * (app: the rules of `ignore`), `engine` (us; a registry that does not answer in time, too), `engine-too-old` (us; with `engineVersion`), or that of the context; an aborted signal rejects with its reason.
   */
  build(request: BuildRequest, onLine: (line: LogLine) => void, signal: AbortSignal): Promise<{ imageId: string; bases: string[] }>;
  /** Of these paths of the commit those that get into the context. Throws as `build` does for rules that cannot be read or take too long. */
  inContext(paths: readonly string[], ignore: string | null, signal: AbortSignal): Promise<string[]>;
  /**
   * Keeps the base images of a build under their names, so that later builds need no registry: those that are missing are fetched (their
   * layers are there already); `anew`: also those that were fetched by us before. An image that somebody else put there is left as it is.
   */
  keepBases(bases: readonly string[], options: { anew: boolean }, signal: AbortSignal): Promise<void>;
  /** Takes away the base images that we fetched and that no build has used since. */
  collectBases(unusedSince: Date, signal: AbortSignal): Promise<void>;
};
