import type { Logger } from 'pino';
import type { FetchAhead } from './fetch-ahead.ts';
import type { KnownImages, KnownTrees } from './known-image.ts';
import type { Unclear } from './look.ts';
import type { Clock } from './ports/clock.ts';
import type { CodeHost } from './ports/code-host.ts';
import type { Disk } from './ports/disk.ts';
import type { Edge } from './ports/edge.ts';
import type { Engine } from './ports/engine.ts';
import type { Git } from './ports/git.ts';
import type { ImageBuilder } from './ports/image-builder.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Reporter } from './ports/reporter.ts';
import type { Store } from './ports/store.ts';
import type { Readiness } from './readiness.ts';
import type { Removals } from './removals.ts';

/** What the reconciler works with; made once, by the composition root. */
export type Deps = {
  store: Store;
  codeHost: CodeHost;
  git: Git;
  builder: ImageBuilder;
  engine: Engine;
  disk: Disk;
  edge: Edge;
  reporter: Reporter;
  readiness: Readiness;
  ahead: FetchAhead;
  unclear: Unclear;
  removals: Removals;
  knownImages: KnownImages;
  knownTrees: KnownTrees;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** Since when the engine's events have been followed without a gap. */
  watchingSince(): Date;
  /** When somebody last ended a container through the engine, by the engine's clock. */
  killedAt(containerId: string): Date | null;
  /** Of the engine at the last connection, e.g. `28.5.2`; `null` before the first. */
  engineVersion(): string | null;
  /** Unguessable text for addresses. */
  randomToken(): string;
  config: Config;
};

export type Config = {
  instance: string;
  /** Key under which image names are made. */
  imageKey: Buffer;
  entryPoint: string;
  memoryBytes: number;
  cpus: number;
  healthTimeoutMs: number;
  buildTimeoutMs: number;
  buildConcurrency: number;
  expireAfterMs: number;
  maxPreviews: number;
  /** For all apps together; Infinity: no budget. */
  memoryBudgetBytes: number;
  /** For images and build cache; Infinity: no budget; `null`: half of the engine's disk, where that can be measured. */
  diskBudgetBytes: number | null;
  /** Lower-case account names; `null` allows all. */
  allowedAccounts: ReadonlySet<string> | null;
  /** `project-1-a` → `project-1-a.kosuke.ai`. */
  host(hostLabel: string): string;
  /** `project-1-a` → `https://project-1-a.kosuke.ai`: of its host, which without Traefik is this program's. See `address.ts`. */
  url(hostLabel: string): string;
  logUrl(logToken: string): string;
  /** Where a person reads a commit on GitHub. */
  commitUrl(owner: string, name: string, sha: string): string;
};
