import type { Readable } from 'node:stream';
import type { LogLine } from '../../domain/deployment.ts';

export type BuildRequest = {
  /** Plain tar; entries outside the context are not expected. */
  context: Readable;
  /** Takes the place of the file `Dockerfile` at the top of the context, whatever `.dockerignore` says. */
  dockerfileText: string;
  /** The text of `.dockerignore`: what it names is not part of the context. */
  ignore: string | null;
  tag: string;
  /** Separates cache mounts between projects (BUILDKIT_CACHE_MOUNT_NS). */
  cacheNamespace: string;
  noCache: boolean;
  timeoutMs: number;
};

export type ImageBuilder = {
  /**
   * Builds with BuildKit and resolves with the image's id. `onLine` gets decoded lines in order, of a long log only the beginning and
   * the end (about 12,000 lines and 1 MiB). Errors: `KosukeError` with code `build-failed` (fault app), `build-timeout` (app), `too-large`
   * (app: the rules of `ignore`), `engine` (us), or that of the context; an aborted signal rejects with its reason.
   */
  build(request: BuildRequest, onLine: (line: LogLine) => void, signal: AbortSignal): Promise<{ imageId: string }>;
};
