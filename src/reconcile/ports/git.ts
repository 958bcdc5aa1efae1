import type { Readable } from 'node:stream';
import { KosukeError } from '../../domain/errors.ts';

/** The other side does not let this token fetch from this address, or has nothing there: another token or address may do. */
export class FetchRefused extends KosukeError {}

/** A bare mirror per project. Errors are `KosukeError` with code `git`, or `too-large` (fault app) for a file or a commit beyond its limits. */
export type Git = {
  /**
   * Fetches exactly `sha` at depth 1 and pins it as `refs/kosuke/<deploymentId>`; a commit that is present is only pinned. Throws `FetchRefused` where that is so. `deploymentId` is null ahead of
   * a deployment: the project's one pin for that goes to the latest.
   */
  fetch(
    request: { projectId: number; url: string; token: string; sha: string; deploymentId: number | null },
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes the pin; unknown ones are fine. */
  unpin(projectId: number, deploymentId: number): Promise<void>;
  /**
   * git's hash of the commit's tree, and of each path the bytes of the regular file there (links are not followed), at most 1 MiB, or `null`
   * when there is none.
   */
  readFiles(projectId: number, sha: string, paths: readonly string[], signal: AbortSignal): Promise<{ tree: string; files: ReadonlyMap<string, Buffer | null> }>;
  /** Plain tar of the commit, whatever its .gitattributes say, when it holds at most 200,000 paths and 2 GiB. Ending the signal ends the child. */
  archive(projectId: number, sha: string, signal: AbortSignal): Readable;
};
