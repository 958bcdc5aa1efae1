import type { Deployment, GithubStatus, LogLine, StoredLine } from '../../domain/deployment.ts';
import type { PersonsWill, Preview, PreviewRef, PreviewState, Project, PullRequest, Wanted } from '../../domain/preview.ts';
import type { RepositoryFacts } from './code-host.ts';

/** The database. Times are passed in by the caller; nothing here reads a clock. */
export type Store = {
  deliveries: Deliveries;
  projects: Projects;
  previews: Previews;
  deployments: Deployments;
  reports: Reports;
  figures: Figures;
  signals: Signals;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

// --- the ledger of webhooks ----------------------------------------------------------------------------------------------

/** `attempts`: how often it was claimed before, so that one that ends the process each time is counted, too. */
export type Delivery = { guid: string; event: string; payload: unknown; attempts: number };

export type Deliveries = {
  /** Stored before it resolves. `seen`: the GUID is in the ledger already, nothing was written. */
  add(delivery: { guid: string; event: string; body: string; receivedAt: Date }): Promise<'new' | 'seen'>;
  /** Takes the oldest one that is due (first come first served); nobody else gets it until `now + leaseMs`. */
  claim(now: Date, leaseMs: number): Promise<Delivery | null>;
  /** Nobody else gets the one in hand until then. */
  keep(guid: string, until: Date): Promise<void>;
  /** Handled or ignored: its body is dropped, its row stays. */
  finish(guid: string, outcome: 'handled' | 'ignored', now: Date): Promise<void>;
  /** Tried again at `retryAt`; `null` sets it aside with its reason. */
  fail(guid: string, error: string, retryAt: Date | null): Promise<void>;
  /** When the next one is due, `null` when none waits. */
  nextDue(): Promise<Date | null>;
  /** Those that were set aside, the newest first, 20 at most. */
  setAside(): Promise<{ guid: string; event: string; receivedAt: Date; error: string }[]>;
  /** Which of these GUIDs (a few hundred at most) are in the ledger, in whatever state. */
  known(guids: readonly string[]): Promise<ReadonlySet<string>>;
  /** When the first of all came, `null` for an empty ledger. */
  firstReceivedAt(): Promise<Date | null>;
  /** Drops the rows of those that came before and wait no more, 10,000 at most; resolves with how many. */
  forget(before: Date): Promise<number>;
};

// --- repositories -----------------------------------------------------------------------------------------------------------

export type Projects = {
  /** Allocates an id at first sight and keeps owner, name, visibility, branch and installation current. Keyed by `repositoryId`. */
  ensure(facts: RepositoryFacts, now: Date): Promise<Project & { sighted: boolean }>;
  byRepositoryId(repositoryId: number): Promise<(Project & { sighted: boolean }) | null>;
  all(): Promise<(Project & { sighted: boolean })[]>;
  /** Records the heads of first sight and marks the project sighted, in one transaction; the first caller wins: returns whether it was this one. */
  sight(projectId: number, heads: { branch: string; sha: string }[], now: Date): Promise<boolean>;
  /** The head recorded at first sight, `null` when the branch is newer than that. */
  firstHead(projectId: number, branch: string): Promise<string | null>;
};

// --- previews ---------------------------------------------------------------------------------------------------------------

/** Who works on a preview. A write under a lease that is no longer this one changes nothing and returns false. */
export type Lease = { previewId: number; leaseNo: number; generation: number };

/** What a webhook said: the head of the preview's ref, and, for one about a pull request, that this is its head, too. */
export type Said = { sha: string; pull: number | null };

export type ClaimedPreview = {
  lease: Lease;
  preview: Preview;
  /** GitHub must be read again, */
  look: boolean;
  /** unless this is what is known already. */
  unless: Said | null;
  /** Failed passes in a row. */
  attempts: number;
};

/** `slept`: whose place it is now. `running`: how many have one; `firstUsedAt`: when the first of them was last used. */
export type RoomTaken = { kind: 'taken'; slept: number[] } | { kind: 'full'; running: number; firstUsedAt: Date | null };

export type Previews = {
  /**
   * The preview of a ref, made when there is none: its host is the first free one of `hostLabels` (DESIGN §2, shortest first;
   * the last has 32 digits of a hash and is as good as always free). A new row wants nothing (reason `first-sight`), state `removed`, and is not due.
   */
  ensure(projectId: number, ref: PreviewRef, hostLabels: readonly string[], now: Date): Promise<Preview>;
  byRef(projectId: number, ref: PreviewRef): Promise<Preview | null>;
  byId(id: number): Promise<Preview | null>;
  byHostLabel(hostLabel: string): Promise<Preview | null>;
  all(): Promise<Preview[]>;
  ofProject(projectId: number): Promise<Preview[]>;
  /**
   * Makes it due now; `look`: GitHub must be read again, `unless` what was said is known already and no other kick asks for it. Wakes the workers
   * (signal `preview`). A kick during a pass is not lost. `takeUp`: it is set aside no more.
   */
  kick(previewId: number, options: { look: boolean; unless?: Said | null; takeUp?: boolean }, now: Date): Promise<void>;
  kickProject(projectId: number, options: { look: boolean }, now: Date): Promise<void>;
  kickAll(options: { look: boolean; takeUp?: boolean }, now: Date): Promise<void>;
  /** Changes what people decided. Does not kick. `redeploy` adds one to `redeployNo`. Unmentioned fields stay. */
  setWill(previewId: number, change: Partial<PersonsWill> & { redeploy?: boolean; forgetCrashes?: boolean }): Promise<void>;

  /** Crashes of all previews that crashed since then are forgotten. */
  forgetCrashes(since: Date): Promise<void>;

  /** Claims one due row (`FOR UPDATE SKIP LOCKED`) under a new lease number. */
  claim(owner: string, now: Date, leaseMs: number): Promise<ClaimedPreview | null>;
  /** The earliest time at which a row is or becomes claimable. */
  nextDue(): Promise<Date | null>;
  /** Whether the lease and its generation are still the row's. */
  holds(lease: Lease): Promise<boolean>;
  /**
   * Writes what is wanted and what GitHub showed. A change of `wanted.run`, `wanted.sha`, or `redeployNo` since the last write
   * starts a new generation: the lease returned carries it. `null`: the lease is lost.
   */
  setWanted(lease: Lease, wanted: Wanted, pulls: PullRequest[], now: Date): Promise<Lease | null>;
  /**
   * A place among those that may run, which `capacity` others have at most: where all are taken, in the place of the least recently used, which is to sleep
   * at the commit that it wants, and is kicked; never of one that was used after `idleBefore`. Without one the preview waits. `null`: the lease is lost.
   */
  takeRoom(lease: Lease, limits: { capacity: number; idleBefore: Date }, now: Date): Promise<RoomTaken | null>;
  /** It needs none any more; those that wait are kicked. */
  giveRoom(lease: Lease, now: Date): Promise<boolean>;
  /** Where more than `capacity` have a place, the least recently used are to sleep, and are kicked: resolves with their ids. */
  trimRoom(capacity: number, now: Date): Promise<number[]>;
  /** Those that want something and were last used before that are to expire at that commit, and are kicked to look: resolves with their ids. */
  expire(usedBefore: Date, now: Date): Promise<number[]>;
  /** Everything else a pass writes about a preview. */
  update(lease: Lease, change: Partial<Pick<Preview, 'state' | 'liveDeploymentId' | 'crashCount' | 'lastCrashAt' | 'setAside'>>, now: Date): Promise<boolean>;
  /**
   * Ends the lease. `dueAt` is when to look again (`null`: when kicked); a kick that came during the pass wins. `failed` adds one to
   * the attempts, otherwise they go back to 0 and it is set aside no more.
   */
  release(lease: Lease, end: { dueAt: Date | null; failed: boolean; looked: boolean }): Promise<void>;
  /** At the start of a process that alone owns the store: leases of the dead one end now, for previews, builds, deliveries and reports. */
  endAllLeases(): Promise<void>;
  /** Ends the leases of passes and builds of one owner, who died: others may take them up at once. */
  endLeasesOf(owner: string): Promise<void>;
};

// --- deployments ------------------------------------------------------------------------------------------------------------

/** `deaths`: how often in a row whoever began it before came to no end. */
export type BuildJob = { deployment: Deployment; preview: Preview; buildNo: number; deaths: number };

export type Deployments = {
  /** Sets the sequence so that the next id is above `highest`. Never lowers it. */
  continueAbove(highest: number): Promise<void>;
  /** A row in state `queued`, under the lease, and the preview is used; `null` when it is lost. Wakes the builders (signal `build`). */
  create(
    lease: Lease,
    deployment: { sha: string; redeployNo: number; pullNumber: number | null; noCache: boolean; logToken: string },
    now: Date,
  ): Promise<Deployment | null>;
  byId(id: number): Promise<Deployment | null>;
  byLogToken(token: string): Promise<{ deployment: Deployment; preview: Preview } | null>;
  /** Newest first: all that have not ended, the live one, and the `limit` newest others. */
  ofPreview(previewId: number, limit?: number): Promise<Deployment[]>;
  /** Written by a pass, under its lease. A change to `cancelled` sends signal `cancel` with the id. */
  update(
    lease: Lease,
    deploymentId: number,
    change: Partial<
      Pick<
        Deployment,
        | 'state'
        | 'failure'
        | 'attempts'
        | 'retryAt'
        | 'exitCode'
        | 'startedAt'
        | 'readyAt'
        | 'switchedAt'
        | 'endedAt'
        | 'image'
        | 'port'
        | 'portFound'
        | 'withInit'
        | 'notes'
      >
    >,
  ): Promise<boolean>;

  /**
   * The switch, whole or not at all: this one becomes `live` and the preview's live deployment, and the one before, unless it has ended,
   * `superseded`; crashes of another version are forgotten. False: the lease is lost.
   */
  goLive(lease: Lease, deploymentId: number, at: { readyAt: Date; now: Date }): Promise<boolean>;

  /**
   * Takes the oldest `queued` one (or a `building` one whose builder is dead) and makes it `building`. A project that has `share` builds already comes
   * after all others that wait; forks come last.
   */
  claimBuild(owner: string, now: Date, leaseMs: number, share?: number): Promise<BuildJob | null>;
  /** Prolongs; false: it was cancelled or taken over, stop building. */
  keepBuild(deploymentId: number, buildNo: number, until: Date): Promise<boolean>;
  /** Progress and outcome of a build; only while it is still `building` under `buildNo`: returns whether it was. */
  updateBuild(
    deploymentId: number,
    buildNo: number,
    change: Partial<Pick<Deployment, 'fetchedAt' | 'builtAt' | 'image' | 'port' | 'exposedPorts' | 'portFound' | 'withInit' | 'notes' | 'failure' | 'endedAt'>> & {
      state?: 'built' | 'failed' | 'error' | 'queued';
      retryAt?: Date | null;
      attempts?: number;
    },
  ): Promise<boolean>;
  nextBuildDue(): Promise<Date | null>;
  /**
   * Names the image on the row of a build before it is looked for or built, so that nobody collects it meanwhile. False, and nothing is
   * written, while another deployment's build has named it and lives: of two that ask at the same time, one gets it.
   */
  takeImage(deploymentId: number, buildNo: number, image: string, now: Date): Promise<boolean>;
  /** The images whose names start with `stem` that were built and that a deployment which has not ended names. */
  imagesNamed(stem: string): Promise<string[]>;

  /** Whether any deployment of another preview, or one of this preview other than `exceptIds`, that has not ended names the image. */
  imageInUse(image: string, exceptIds: readonly number[]): Promise<boolean>;

  /** Adds to the end. Only the first and last lines of a log are kept (`domain/kept-log.ts`). Sends signal `deployment` with the id. */
  addLog(deploymentId: number, lines: readonly LogLine[]): Promise<void>;
  /** Lines in order, from line number `from` on (0 is the first). */
  log(deploymentId: number, from?: number, limit?: number): Promise<StoredLine[]>;
};

// --- what GitHub is told ------------------------------------------------------------------------------------------------------

export type CommentJob = { previewId: number; project: Project; pull: number; commentId: number | null; body: string; leaseNo: number; attempts: number };
/** `url`: the address that the status is to give. */
export type StatusJob = { preview: Preview; deployment: Deployment; url: string | null; leaseNo: number; attempts: number };

export type Reports = {
  /**
   * What must wait for longer than anything ever waits, since it was written by a clock that was ahead and has been set right, is due now: comments and
   * statuses. Changes nothing otherwise.
   */
  forgetFuture(now: Date): Promise<void>;
  /**
   * What our comment on a pull request should say. Same body as last wished: nothing happens. `frozen` closes it: later wishes are
   * ignored until `thaw`. Sends signal `comment` when something is to be written.
   */
  wishComment(previewId: number, pull: number, body: string, options: { frozen: boolean }, now: Date): Promise<void>;
  thaw(projectId: number, pull: number): Promise<void>;
  /** The comments of a preview as they were last wished, lowest pull request first. */
  wishedComments(previewId: number): Promise<{ pull: number; body: string; frozen: boolean }[]>;
  /** A comment whose wished body is not the written one and that may be written now (one edit in 5 s); nobody else gets it until the lease ends. */
  claimComment(now: Date, leaseMs: number): Promise<CommentJob | null>;
  /** `body` is what was written, or null when it failed; next try or next edit not before `notBefore`. */
  finishComment(job: CommentJob, written: { commentId: number; body: string } | null, notBefore: Date): Promise<void>;

  /** A deployment whose GitHub status (`domain/github-status.ts`), or the address with it, is wished to be another than reported. */
  wishStatus(deploymentId: number, status: GithubStatus, now: Date, url?: string | null): Promise<void>;
  claimStatus(now: Date, leaseMs: number): Promise<(StatusJob & { status: GithubStatus }) | null>;
  /** Stored at once after GitHub created the deployment, before any status. */
  setGithubDeployment(deploymentId: number, githubDeploymentId: number): Promise<void>;
  finishStatus(job: StatusJob, written: GithubStatus | null, notBefore: Date): Promise<void>;
  nextCommentDue(): Promise<Date | null>;
  nextStatusDue(): Promise<Date | null>;
};

// --- figures for monitoring -----------------------------------------------------------------------------------------------------

/** How much waits, and since when the first of it does; `null` when nothing waits. */
export type Waiting = { count: number; since: Date | null };

/** What can be set aside. */
export const asides = ['deliveries', 'previews', 'deployments', 'reports'] as const;
export type Aside = (typeof asides)[number];

/** Each is one statement that reads no more than what waits. */
export type Figures = {
  /** Webhooks that are not handled yet, since they came. */
  deliveriesWaiting(): Promise<Waiting>;
  /** Previews that are due and that nobody works on, since they became due. */
  passesDue(now: Date): Promise<Waiting>;
  /** Deployments that may be built and that nobody builds, since they were made. */
  buildsQueued(now: Date): Promise<Waiting>;
  /** Comments and statuses that GitHub was not told yet, since they were last wished. */
  commentsWaiting(): Promise<Waiting>;
  statusesWaiting(): Promise<Waiting>;
  /** How much is set aside: webhooks, previews whose passes fail each time, versions that do not come up by an error of ours, reports that GitHub does not take. */
  setAside(): Promise<Record<Aside, number>>;
  /** How many previews are in each state; states of none are left out. Reads all previews. */
  previewsByState(): Promise<ReadonlyMap<PreviewState, number>>;
};

// --- signals ------------------------------------------------------------------------------------------------------------------

/**
 * NOTIFY between workers; a slow poll stands behind each, so a lost one only costs time. `deployment`: its log grew, or its state or times changed;
 * for who looks on.
 */
export type Signal = 'delivery' | 'preview' | 'build' | 'cancel' | 'comment' | 'status' | 'deployment';
export type Signals = {
  /** Returns the function that ends it. `payload` is the id as text, or ''. */
  on(signal: Signal, listener: (payload: string) => void): () => void;
  send(signal: Signal, payload?: string): Promise<void>;
};
