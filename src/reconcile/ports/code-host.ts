import type { PreviewRef, Project, PullRequest, RepositoryFacts } from '../../domain/preview.ts';
import type { Truth } from '../../domain/truth.ts';

export type { RepositoryFacts, Truth };

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
