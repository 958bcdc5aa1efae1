import type { PreviewRef, Project, PullRequest } from '../../domain/preview.ts';

/**
 * GitHub, as the source of truth. Every method throws `KosukeError` (code `github`, retry) when GitHub gives no clear answer
 * (5xx, 403, 429, time-out, unreadable): nothing may be concluded from that.
 */
export type CodeHost = {
  /** Reads all that `wanted()` asks about one ref. */
  look(project: Project, ref: PreviewRef, signal: AbortSignal): Promise<Truth>;
  /** A fresh token for one repository with `contents:read`, and the address to fetch from (without credentials). */
  cloneAccess(project: Project, signal: AbortSignal): Promise<{ url: string; token: string }>;
  /** Every installation of the App, suspended ones too. */
  installations(signal: AbortSignal): Promise<Installation[]>;
  repositories(installationId: number, signal: AbortSignal): Promise<RepositoryFacts[]>;
  heads(project: Project, signal: AbortSignal): Promise<{ branch: string; sha: string }[]>;
  /** Open pull requests, most recently updated first. */
  openPulls(project: Project, signal: AbortSignal): Promise<PullRequest[]>;
};

export type Installation = { id: number; account: string; suspended: boolean };

export type RepositoryFacts = {
  repositoryId: number;
  installationId: number;
  owner: string;
  name: string;
  private: boolean;
  defaultBranch: string;
};

/** What was read, each a proof: `gone` only as DESIGN §1 "Absence in a list removes nothing" allows. */
export type Truth = {
  installation: 'active' | 'suspended' | 'deleted';
  /** `null`: gone, by proof. `unknown`: not readable because the App is suspended. */
  repository: RepositoryFacts | null | 'unknown';
  /** The branch's head; `null` when it is 404 while its repository is 200. For a fork's pull request: the head of the pull request. */
  headSha: string | null;
  /** Open pull requests from this branch of this repository (or the one fork pull request), lowest number first. */
  openPulls: PullRequest[];
  /** Head commits of closed or merged pull requests of this branch; read only when none is open. */
  closedPullHeads: string[];
};
