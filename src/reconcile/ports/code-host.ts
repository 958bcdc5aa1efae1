import type { PreviewRef, Project, PullRequest, RepositoryFacts } from '../../domain/preview.ts';
import type { Truth } from '../../domain/truth.ts';

export type { RepositoryFacts, Truth };

/**
 * GitHub, as the source of truth. Every method throws `KosukeError` (code `github`, retry) when GitHub gives no clear answer
 * (5xx, 403, 429, time-out, unreadable): nothing may be concluded from that.
 */
export type CodeHost = {
  /** Reads all that `wanted()` asks about one ref. Of pull requests that were `openBefore` none counts as closed but by its own word. */
  look(project: Project, ref: PreviewRef, signal: AbortSignal, openBefore?: readonly number[]): Promise<Truth>;
  /** A token for one repository with `contents:read` that is good for ten more minutes, and the address to fetch from; `fresh`: a new one. */
  cloneAccess(project: Project, signal: AbortSignal, options?: { fresh?: boolean }): Promise<CloneAccess>;
  /** git's hash of the tree of a commit. */
  tree(project: Project, sha: string, signal: AbortSignal): Promise<string>;
  /** Every installation of the App, suspended ones too. */
  installations(signal: AbortSignal): Promise<Installation[]>;
  repositories(installationId: number, signal: AbortSignal): Promise<RepositoryFacts[]>;
  heads(project: Project, signal: AbortSignal): Promise<{ branch: string; sha: string }[]>;
  /** Open pull requests, most recently updated first. */
  openPulls(project: Project, signal: AbortSignal): Promise<PullRequest[]>;
  /** Adds to `cost` what `work`, and nothing beside it, asks of GitHub; requests for tokens are not among it. */
  metered<T>(cost: Cost, work: () => Promise<T>): Promise<T>;
};

/** `url` is without credentials. `kept`: the token is not new, so that it may have been withdrawn meanwhile. */
export type CloneAccess = { url: string; token: string; kept: boolean };

/** `free`: those of the requests that GitHub does not count, since nothing had changed (304). */
export type Cost = { requests: number; free: number };

export type Installation = { id: number; account: string; suspended: boolean };
