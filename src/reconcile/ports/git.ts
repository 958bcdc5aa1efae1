import type { Readable } from 'node:stream';
import { KosukeError } from '../../domain/errors.ts';

/** The other side does not let this token fetch from this address, or has nothing there: another token or address may do. */
export class FetchRefused extends KosukeError {}

/** The bytes of a file, at most 1 MiB; `other` for a folder or the place of a submodule, `null` where there is nothing. */
export type FileAt = Buffer | 'other' | null;

export type CommitFiles = {
  /** git's hash of the commit's tree. */
  tree: string;
  /** When it was committed, in seconds since 1970, as the commit says. */
  committedAt: number;
  /** What is at each of the paths that were asked for. */
  files: ReadonlyMap<string, FileAt>;
  /** Sentences without a full stop about links among alternatives that cannot be followed. */
  passedOver: readonly string[];
  /** The places of submodules in it, the first 1,000. */
  submodules: readonly string[];
  /** Files that are pointers of Git LFS, the first 1,000; of more than 2,000 small files only where the repository's attributes speak of LFS. */
  lfsPointers: readonly string[];
  /** How many small files were not looked at although the attributes speak of LFS: there are more than 5,000. */
  lfsUnread: number;
};

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
   * What a build has to know of a commit before it begins. Links are followed inside the commit; one that cannot be is a `KosukeError` (`build-failed`, fault app). A list among
   * `paths` are alternatives: none is read after the first that is a file, and a link that cannot be followed is passed over.
   */
  readFiles(projectId: number, sha: string, paths: readonly (string | readonly string[])[], signal: AbortSignal): Promise<CommitFiles>;
  /** Plain tar of the commit, whatever its .gitattributes say, when it holds at most 200,000 paths and 2 GiB. Ending the signal ends the child. */
  archive(projectId: number, sha: string, signal: AbortSignal): Readable;
};
