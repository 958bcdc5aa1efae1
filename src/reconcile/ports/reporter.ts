import type { GithubStatus } from '../../domain/deployment.ts';
import type { Project } from '../../domain/preview.ts';

/** Writes to GitHub. Errors are `KosukeError` with code `github`; `retry` false when trying again cannot help (repository gone). */
export type Reporter = {
  /**
   * Makes our one comment on a pull request say `body` and resolves with its id. `commentId` is the one we know; without it, or when
   * it is gone, ours (marker and our App as author) is looked for before one is created; several of ours: the oldest.
   */
  putComment(request: { project: Project; pull: number; commentId: number | null; body: string }, signal: AbortSignal): Promise<{ commentId: number }>;
  /** `ours` is kept in the payload, and `previewUrl` when it is known beforehand; with `maybeCreated` a deployment of this commit that carries it is taken before one is created. */
  createDeployment(
    request: { project: Project; sha: string; ours: string; previewUrl: string | null; maybeCreated: boolean },
    signal: AbortSignal,
  ): Promise<{ id: number }>;
  createStatus(
    request: {
      project: Project;
      githubDeploymentId: number;
      status: GithubStatus;
      logUrl: string;
      environmentUrl: string | null;
      /** At most 140 characters. */
      description: string;
    },
    signal: AbortSignal,
  ): Promise<void>;
};
