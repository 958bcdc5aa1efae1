import type { Violation } from './contract/contract.ts';

export type { Violation } from './contract/contract.ts';

/** What the demo and the tests see of the local GitHub. Snapshots: they do not change when GitHub's state does. */

/** Any snapshot of a repository will do; the numeric id is what counts, so a rename or transfer does not break it. */
export type RepositoryRef = { id: number };

export type AccountType = 'User' | 'Organization';

export type AccountSnapshot = { id: number; login: string; type: AccountType };

export type RepositorySnapshot = {
  id: number;
  owner: string;
  name: string;
  /** `owner/name` */
  fullName: string;
  private: boolean;
  defaultBranch: string;
  /** Without credentials. */
  cloneUrl: string;
  pageUrl: string;
  /** The repository that this one was forked from. */
  parentId: number | null;
};

export type PullRequestSnapshot = {
  id: number;
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  merged: boolean;
  author: string;
  /** `repositoryId` is null when the fork is gone. */
  head: { ref: string; sha: string; repositoryId: number | null };
  base: { ref: string; sha: string; repositoryId: number };
  labels: string[];
  mergeCommitSha: string | null;
  pageUrl: string;
};

export type CommentSnapshot = {
  id: number;
  body: string;
  /** Login; the App's is `<slug>[bot]`. */
  author: string;
  byApp: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** How often it was edited since it was written. */
  edits: number;
};

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';

export type DeploymentStatusSnapshot = {
  id: number;
  state: DeploymentState;
  description: string;
  environmentUrl: string;
  logUrl: string;
  at: Date;
  /** True for the `inactive` that GitHub itself adds to older deployments of an environment when a newer one succeeds. */
  automatic: boolean;
};

export type DeploymentSnapshot = {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  transient: boolean;
  production: boolean;
  payload: unknown;
  description: string | null;
  at: Date;
  /** Oldest first. */
  statuses: DeploymentStatusSnapshot[];
};

export type JsonObject = { [key: string]: unknown };

/** One attempt to deliver a webhook. A redelivery is a new entry with the same `guid`. */
export type DeliverySnapshot = {
  id: number;
  guid: string;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  redelivery: boolean;
  at: Date;
  durationMs: number;
  headers: Record<string, string>;
  payload: JsonObject;
  /** The receiver's HTTP status; 0 when there was no answer. */
  status: number;
  /** Why there was no answer. */
  error: string | null;
};

export type RequestSnapshot = {
  kind: 'rest' | 'git';
  method: string;
  /** The template for REST (`/repos/{owner}/{repo}/pulls`), `/{owner}/{repo}.git/<service>` for git; the path itself when nothing matched. */
  path: string;
  /** The path as it was asked, with its query, without credentials. */
  url: string;
  status: number;
  auth: 'app' | 'installation' | 'person' | 'none' | 'refused';
  at: Date;
};

/** Of a webhook: `path` is its event, `installationId` the installation that it is about. */
export type Intercepted = { method: string; path: string; kind: 'rest' | 'git' | 'webhook'; installationId?: number | null };

/**
 * `undefined` lets it pass; `drop` cuts the connection (a webhook: it never leaves); an object waits `delayMs` and, when it has a
 * `status`, answers with that instead of the real thing (a webhook: is recorded as answered so, without being sent).
 */
export type Verdict = undefined | 'drop' | { status?: number; headers?: Record<string, string>; body?: unknown; delayMs?: number };

export type Intercept = (request: Intercepted) => Verdict | Promise<Verdict>;

export type Files = Record<string, string | Buffer>;
export type Permission = 'admin' | 'write' | 'read' | 'none';

export type LocalGitHubOptions = {
  /** An existing directory that may be filled; the caller removes it after `close()`. */
  dir: string;
  /** 0 (default): one that is free. */
  port?: number;
  webhook: { url: string; secret: string };
  app?: { id?: number; slug?: string; name?: string; /** PEM, RSA */ privateKey?: string };
  now?: () => Date;
  /** One object per request, webhook and failure; never a token. */
  log?: (line: JsonObject) => void;
  /**
   * false: requests, answers and webhooks are not held against GitHub's descriptions, for who measures how long things take.
   * Never in a test.
   */
  checkContract?: boolean;
};

/** Every act of a person resolves when git and REST show it; its webhooks are on their way by then (`delivered()` waits for them). */
export type LocalGitHub = {
  url: string;
  /** `127.0.0.1:<port>`, for GHE_HOST with GHE_PROTOCOL=http. */
  host: string;
  appId: number;
  slug: string;
  /** PEM (PKCS#8). */
  privateKey: string;
  /**
   * Ends all of it.
   * @throws ContractBroken when there are `violations()`, once everything has ended.
   */
  close(): Promise<void>;
  setWebhookUrl(url: string): void;
  intercept(hook: Intercept | undefined): void;

  /** An organization gets a person `<login>-admin` who acts for it when nobody else is named. */
  createAccount(account: { login: string; type?: AccountType }): AccountSnapshot;
  /** Installs the App; all repositories of the account, present and future, or the selected ones. Returns the installation's id. */
  install(install: { account: string; repositories?: RepositoryRef[] }): number;
  suspendInstallation(account: string): void;
  unsuspendInstallation(account: string): void;
  deleteInstallation(account: string): void;
  /** For an installation with selected repositories. */
  addRepositoryToInstallation(repository: RepositoryRef): void;
  /** One with all repositories becomes one with the others selected, as a person does it in the settings. */
  removeRepositoryFromInstallation(repository: RepositoryRef): void;

  /** Unknown owners become User accounts. `installed` (default true): the App is installed on the owner, or this one is added. */
  createRepository(repository: {
    owner: string;
    name: string;
    private?: boolean;
    files: Files;
    message?: string;
    installed?: boolean;
  }): Promise<RepositorySnapshot>;
  forkRepository(fork: { repository: RepositoryRef; owner: string; name?: string; installed?: boolean }): Promise<RepositorySnapshot>;
  renameRepository(repository: RepositoryRef, name: string): RepositorySnapshot;
  transferRepository(repository: RepositoryRef, owner: string): RepositorySnapshot;
  setPrivate(repository: RepositoryRef, isPrivate: boolean): RepositorySnapshot;
  deleteRepository(repository: RepositoryRef): Promise<void>;
  repository(repository: RepositoryRef): RepositorySnapshot;
  setPermission(permission: { repository: RepositoryRef; login: string; permission: Permission }): void;
  /** The clone URL with the person's credentials. Creates the account when there is none; gives it no permission. */
  personUrl(repository: RepositoryRef, login: string): string;

  /**
   * One commit on top of `from` (a branch, tag or commit; default: the branch, else the default branch), pushed to `branch`, which
   * is created when missing. When it does not descend from the branch it is a forced push. Resolves to the commit's id.
   */
  commit(commit: {
    repository: RepositoryRef;
    branch: string;
    files?: Files;
    deletions?: string[];
    message?: string;
    from?: string;
    author?: string;
  }): Promise<string>;
  createBranch(branch: { repository: RepositoryRef; branch: string; from?: string; author?: string }): Promise<string>;
  /** Moves a branch to any commit, tag or branch. */
  forcePush(push: { repository: RepositoryRef; branch: string; to: string; author?: string }): Promise<string>;
  deleteBranch(branch: { repository: RepositoryRef; branch: string; author?: string }): Promise<void>;
  /** Branch name → commit. */
  branches(repository: RepositoryRef): Record<string, string>;

  openPullRequest(pull: {
    repository: RepositoryRef;
    /** A branch of `headRepository` (default: `repository`). */
    head: string;
    headRepository?: RepositoryRef;
    base?: string;
    title?: string;
    body?: string;
    draft?: boolean;
    author?: string;
  }): Promise<PullRequestSnapshot>;
  editPullRequest(pull: { repository: RepositoryRef; number: number; title?: string; base?: string; body?: string }): Promise<PullRequestSnapshot>;
  closePullRequest(pull: { repository: RepositoryRef; number: number; author?: string }): Promise<PullRequestSnapshot>;
  reopenPullRequest(pull: { repository: RepositoryRef; number: number; author?: string }): Promise<PullRequestSnapshot>;
  /** A merge commit on the base. `deleteBranch` (default false) deletes the head branch and retargets pull requests stacked on it. */
  mergePullRequest(pull: {
    repository: RepositoryRef;
    number: number;
    deleteBranch?: boolean;
    author?: string;
  }): Promise<PullRequestSnapshot>;
  readyForReview(pull: { repository: RepositoryRef; number: number }): PullRequestSnapshot;
  convertToDraft(pull: { repository: RepositoryRef; number: number }): PullRequestSnapshot;
  label(pull: { repository: RepositoryRef; number: number; name: string }): PullRequestSnapshot;
  unlabel(pull: { repository: RepositoryRef; number: number; name: string }): PullRequestSnapshot;
  comment(comment: { repository: RepositoryRef; number: number; body: string; author?: string }): CommentSnapshot;
  editComment(comment: { repository: RepositoryRef; id: number; body: string; author?: string }): CommentSnapshot;
  deleteComment(comment: { repository: RepositoryRef; id: number; author?: string }): void;

  pullRequest(repository: RepositoryRef, number: number): PullRequestSnapshot;
  /** Oldest first; without the deleted ones. */
  comments(repository: RepositoryRef, number: number): CommentSnapshot[];
  /** Oldest first. */
  deployments(repository: RepositoryRef): DeploymentSnapshot[];
  /** The last 10,000 attempts, oldest first. */
  deliveries(): DeliverySnapshot[];
  /** Sends the payload of that GUID again, with the same GUID; resolves when it was answered. */
  redeliver(guid: string): Promise<DeliverySnapshot>;
  /** Resolves when no webhook is waiting or under way. */
  delivered(): Promise<void>;
  ping(): void;
  /** Every installation token that was ever made and every JWT of the App that was taken, for tests that look where else they stand. */
  credentials(): string[];
  /** As if an hour had passed for every installation token that was made until now. */
  expireTokens(): void;
  /** As if an hour had passed for the number of requests that everybody may make. */
  renewAllowances(): void;
  /** The last 10,000 requests, oldest first. */
  requests(): RequestSnapshot[];
  /** What in requests, answers and webhooks is not as GitHub describes it; answers of an interceptor are not looked at. */
  violations(): Violation[];
  /** Gives the violations and forgets them: for a test that brought them about on purpose, right after it did. */
  takeViolations(): Violation[];
};
