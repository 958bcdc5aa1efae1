import type { KeyObject } from 'node:crypto';
import type { Contract } from './contract/contract.ts';
import type { HookQueue } from './hooks/queue.ts';
import type { Rate } from './rest/rate.ts';
import type { AccountType, DeploymentState, JsonObject, Permission } from './types.ts';

/** The state behind everything: rows that change in place, found by their numeric ids. Only the files that carry a row's name change it. */
export type World = {
  /** Where the repositories stand on disk. */
  dir: string;
  origin: string;
  app: AppRow;
  now: () => Date;
  log: (line: JsonObject) => void;
  /** The next number of a kind; numbers of different kinds never meet, so that a mixed-up id fails. */
  nextId: (kind: IdKind) => number;
  /** By lower-cased login. */
  accounts: Map<string, Account>;
  repos: Map<number, Repo>;
  /** Lower-cased `owner/name` of before a rename or transfer → repository id. */
  moved: Map<string, number>;
  installations: Map<number, Installation>;
  tokens: Map<string, Token>;
  /** Every installation token that was ever made, and every JWT of the App that was taken. */
  credentials: Set<string>;
  hooks: HookQueue;
  contract: Contract;
  /** By installation id, `app` or `none`. */
  rates: Map<string, Rate>;
};

export type AppRow = { id: number; slug: string; name: string; key: KeyObject; createdAt: Date; owner: Account; bot: Account };

export type Account = { id: number; login: string; type: AccountType | 'Bot'; password: string; createdAt: Date };

export type Repo = {
  id: number;
  owner: Account;
  name: string;
  private: boolean;
  defaultBranch: string;
  /** The bare repository. */
  dir: string;
  /** Full ref name → object id, as of the last finished push; `refs/pull/` is not in it. */
  refs: Map<string, string>;
  parent: Repo | null;
  collaborators: Map<string, Permission>;
  nextNumber: number;
  pulls: Map<number, Pull>;
  comments: Map<number, Comment>;
  deployments: Map<number, Deployment>;
  deleted: boolean;
  createdAt: Date;
  updatedAt: Date;
  pushedAt: Date;
  /** Runs pushes of this repository one after another. */
  exclusive: <T>(work: () => Promise<T>) => Promise<T>;
};

export type Pull = {
  id: number;
  issueId: number;
  repo: Repo;
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  author: Account;
  head: { repo: Repo; ref: string; sha: string };
  /** Every commit that was its head, oldest first. */
  heads: string[];
  base: { ref: string; sha: string };
  labels: Map<string, Label>;
  mergedAt: Date | null;
  mergedBy: Account | null;
  mergeCommit: string | null;
  closedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  change: Change;
};

/** What lies between base and head. */
export type Change = { commits: Commit[]; additions: number; deletions: number; files: number };

export type Label = { id: number; name: string; color: string };

export type Person = { name: string; email: string; date: string };

/** Dates are ISO 8601 as git prints them. */
export type Commit = { sha: string; tree: string; parents: string[]; author: Person; committer: Person; message: string };

export type Comment = {
  id: number;
  pull: Pull;
  author: Account;
  byApp: boolean;
  body: string;
  createdAt: Date;
  updatedAt: Date;
  edits: number;
};

export type Deployment = {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  originalEnvironment: string;
  payload: unknown;
  description: string | null;
  transient: boolean;
  production: boolean;
  createdAt: Date;
  updatedAt: Date;
  statuses: DeploymentStatus[];
};

export type DeploymentStatus = {
  id: number;
  state: DeploymentState;
  description: string;
  environmentUrl: string;
  logUrl: string;
  environment: string;
  automatic: boolean;
  createdAt: Date;
};

export type Access = 'read' | 'write';
export type Permissions = Record<string, Access>;

export type Installation = {
  id: number;
  account: Account;
  /** null: all repositories of the account. */
  selected: Set<number> | null;
  suspendedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
};

export type Token = {
  installation: Installation;
  /** null: all of the installation. */
  repositories: Set<number> | null;
  permissions: Permissions;
  expiresAt: Date;
};

const firstIds = {
  account: 5_001,
  repository: 700_001,
  installation: 40_001,
  pull: 9_000_001,
  issue: 8_000_001,
  comment: 2_000_000_001,
  deployment: 1_100_000_001,
  status: 3_100_000_001,
  delivery: 60_000_000_001,
  label: 4_000_001,
} as const;

export type IdKind = keyof typeof firstIds;

/** A counter per kind, each starting in a range of its own. */
export function idCounters(): (kind: IdKind) => number {
  const next = new Map<IdKind, number>();
  return (kind) => {
    const id = next.get(kind) ?? firstIds[kind];
    next.set(kind, id + 1);
    return id;
  };
}

/** What the App asks for: the contract's permissions and events. */
export const appPermissions: Permissions = {
  contents: 'read',
  metadata: 'read',
  deployments: 'write',
  pull_requests: 'write',
  issues: 'read',
};

export const appEvents = ['create', 'delete', 'issue_comment', 'pull_request', 'push', 'repository'];

/** A mistake of the caller of the local GitHub's own functions, as a person's page would refuse it. */
export class Refused extends Error {
  override name = 'Refused';
}
