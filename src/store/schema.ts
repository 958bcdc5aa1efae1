import { sql } from 'drizzle-orm';
import { bigserial, boolean, index, integer, pgTable, primaryKey, serial, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { DeploymentState, GithubStatus, LogLine } from '../domain/deployment.ts';
import type { Failure } from '../domain/errors.ts';
import type { Note } from '../domain/notes.ts';
import type { Said } from '../reconcile/ports/store.ts';
import type { PreviewRef, PreviewState, PullRequest, Room, Sleep, Wanted, WantedReason } from '../domain/preview.ts';
import { bigId, instant, json, words } from './columns.ts';

/** A pull request as jsonb keeps it. */
export type StoredPull = Omit<PullRequest, 'updatedAt'> & { updatedAt: string };

/** The ledger of webhooks: a GUID stays for ever, its body until it is handled. */
export const deliveries = pgTable(
  'deliveries',
  {
    guid: words('guid').primaryKey(),
    /** Order of arrival, for deliveries of the same millisecond. */
    seq: bigserial('seq', { mode: 'number' }).notNull(),
    event: words('event').notNull(),
    body: words('body'),
    state: text('state').$type<'waiting' | 'handled' | 'ignored' | 'set-aside'>().notNull().default('waiting'),
    receivedAt: instant('received_at').notNull(),
    retryAt: instant('retry_at'),
    leaseUntil: instant('lease_until'),
    /** How often it was claimed. */
    attempts: integer('attempts').notNull().default(0),
    error: words('error'),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    index('deliveries_waiting').on(table.receivedAt, table.seq).where(sql`state = 'waiting'`),
    index('deliveries_ended').on(table.receivedAt).where(sql`state <> 'waiting'`),
  ],
);

/** Repositories. The id is part of every host of the project. */
export const projects = pgTable('projects', {
  id: serial('id').primaryKey(),
  repositoryId: bigId('repository_id').notNull().unique(),
  installationId: bigId('installation_id').notNull(),
  owner: words('owner').notNull(),
  name: words('name').notNull(),
  private: boolean('private').notNull(),
  defaultBranch: words('default_branch').notNull(),
  /** When the heads of first sight were recorded. */
  sightedAt: instant('sighted_at'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** The heads of first sight. */
export const heads = pgTable(
  'heads',
  {
    projectId: integer('project_id').notNull().references(() => projects.id),
    branch: words('branch').notNull(),
    sha: words('sha').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.branch] })],
);

export const previews = pgTable(
  'previews',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    projectId: integer('project_id').notNull().references(() => projects.id),
    kind: text('kind').$type<PreviewRef['kind']>().notNull(),
    /** The branch's name, or the pull request's number as text. */
    ref: words('ref').notNull(),
    hostLabel: text('host_label').notNull(),
    state: text('state').$type<PreviewState>().notNull().default('removed'),

    wantedRun: text('wanted_run').$type<Wanted['run']>().notNull().default('nothing'),
    wantedSha: words('wanted_sha'),
    wantedReason: text('wanted_reason').$type<WantedReason>().notNull().default('first-sight'),
    asleepBecause: text('asleep_because').$type<NonNullable<Wanted['asleepBecause']>>(),
    /** `redeploy_no` when what is wanted was last written. */
    wantedRedeployNo: integer('wanted_redeploy_no').notNull().default(0),
    generation: integer('generation').notNull().default(0),
    redeployNo: integer('redeploy_no').notNull().default(0),
    removedSha: words('removed_sha'),
    asleepSha: words('asleep_sha'),
    leftOutSha: words('left_out_sha'),
    /** Who put it to sleep at `asleep_sha`. */
    asleepBy: text('asleep_by').$type<Sleep>().notNull().default('person'),
    expiredSha: words('expired_sha'),

    room: text('room').$type<Room>().notNull().default('none'),
    /** When it was last deployed or woken; null before the first time. */
    usedAt: instant('used_at'),

    pulls: json<StoredPull[]>('pulls').notNull().default([]),
    liveDeploymentId: bigId('live_deployment_id'),
    crashCount: integer('crash_count').notNull().default(0),
    lastCrashAt: instant('last_crash_at'),

    dueAt: instant('due_at'),
    /** Grows with every claim. The lease is held while `lease_until` is set, whatever it says. */
    leaseNo: integer('lease_no').notNull().default(0),
    leaseOwner: words('lease_owner'),
    leaseUntil: instant('lease_until'),
    /** Kicks ever, and how many of them the current lease knew when it began. */
    kicks: integer('kicks').notNull().default(0),
    claimedKicks: integer('claimed_kicks').notNull().default(0),
    /** GitHub must be read again, and the number of the kick that last asked for it. */
    look: boolean('look').notNull().default(false),
    lookKick: integer('look_kick').notNull().default(0),
    /** What all kicks that asked for it since it was last read had to say; null when they said different things, or nothing. */
    lookUnless: json<Said>('look_unless'),
    /** Failed passes in a row. */
    attempts: integer('attempts').notNull().default(0),
    /** Why passes over it fail each time, and since when it is set aside for that. */
    asideReason: words('aside_reason'),
    asideAt: instant('aside_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('previews_host_label').on(table.hostLabel),
    uniqueIndex('previews_ref').on(table.projectId, table.kind, table.ref),
    index('previews_due').on(table.dueAt).where(sql`due_at is not null`),
    index('previews_room').on(table.usedAt).where(sql`room <> 'none'`),
  ],
);

/** The history of a preview, the queue of builds, and what GitHub is to be told of each. */
export const deployments = pgTable(
  'deployments',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    previewId: bigId('preview_id').notNull().references(() => previews.id),
    sha: words('sha').notNull(),
    redeployNo: integer('redeploy_no').notNull(),
    pullNumber: integer('pull_number'),
    state: text('state').$type<DeploymentState>().notNull().default('queued'),
    noCache: boolean('no_cache').notNull(),
    image: words('image'),
    port: integer('port'),
    exposedPorts: json<readonly number[]>('exposed_ports').notNull().default([]),
    portFound: boolean('port_found').notNull().default(false),
    withInit: boolean('with_init').notNull().default(true),
    notes: json<readonly Note[]>('notes').notNull().default([]),
    failure: json<Failure>('failure'),
    attempts: integer('attempts').notNull().default(0),
    retryAt: instant('retry_at'),
    exitCode: integer('exit_code'),
    logToken: text('log_token').notNull(),
    /** Lines of its log so far; the next one gets this number. */
    logCount: integer('log_count').notNull().default(0),
    /** Their sizes (`domain/kept-log.ts`), those that were left out included. */
    logBytes: bigId('log_bytes').notNull().default(0),

    /** Grows with every claim of the build. */
    buildNo: integer('build_no').notNull().default(0),
    /** How often in a row whoever built it came to no end. */
    buildDeaths: integer('build_deaths').notNull().default(0),
    buildOwner: words('build_owner'),
    buildUntil: instant('build_until'),

    createdAt: instant('created_at').notNull(),
    buildStartedAt: instant('build_started_at'),
    fetchedAt: instant('fetched_at'),
    builtAt: instant('built_at'),
    startedAt: instant('started_at'),
    readyAt: instant('ready_at'),
    switchedAt: instant('switched_at'),
    endedAt: instant('ended_at'),

    githubDeploymentId: bigId('github_deployment_id'),
    wishedStatus: text('wished_status').$type<GithubStatus>(),
    reportedStatus: text('reported_status').$type<GithubStatus>(),
    /** The address that goes with each of the two. */
    wishedUrl: text('wished_url'),
    reportedUrl: text('reported_url'),
    statusWishedAt: instant('status_wished_at'),
    statusNotBefore: instant('status_not_before'),
    statusLeaseNo: integer('status_lease_no').notNull().default(0),
    statusLeaseUntil: instant('status_lease_until'),
    statusAttempts: integer('status_attempts').notNull().default(0),
  },
  (table) => [
    uniqueIndex('deployments_log_token').on(table.logToken),
    index('deployments_of_preview').on(table.previewId, table.id),
    index('deployments_image').on(table.image).where(sql`image is not null`),
    index('deployments_to_build').on(table.id).where(sql`state in ('queued', 'building')`),
    index('deployments_to_report').on(table.statusWishedAt).where(sql`(wished_status, wished_url) is distinct from (reported_status, reported_url)`),
  ],
);

export const logLines = pgTable(
  'log_lines',
  {
    deploymentId: bigId('deployment_id').notNull().references(() => deployments.id),
    /** 0 is the first. */
    seq: integer('seq').notNull(),
    at: instant('at').notNull(),
    step: words('step'),
    stream: text('stream').$type<LogLine['stream']>().notNull(),
    text: words('text').notNull(),
    /** Sizes of all lines of the log up to this one. */
    endByte: bigId('end_byte').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.deploymentId, table.seq] })],
);

/** What our one comment on a pull request says, and what it should say. */
export const comments = pgTable(
  'comments',
  {
    projectId: integer('project_id').notNull().references(() => projects.id),
    pull: integer('pull').notNull(),
    previewId: bigId('preview_id').notNull().references(() => previews.id),
    commentId: bigId('comment_id'),
    wishedBody: words('wished_body').notNull(),
    writtenBody: words('written_body'),
    frozen: boolean('frozen').notNull().default(false),
    wishedAt: instant('wished_at').notNull(),
    notBefore: instant('not_before'),
    leaseNo: integer('lease_no').notNull().default(0),
    leaseUntil: instant('lease_until'),
    attempts: integer('attempts').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.pull] }),
    index('comments_of_preview').on(table.previewId),
    index('comments_to_write').on(table.wishedAt).where(sql`wished_body is distinct from written_body`),
  ],
);

/** Values that `.kosuke.yml` names by name only; encrypted with the instance's key. */
export const secrets = pgTable(
  'secrets',
  {
    projectId: integer('project_id').notNull().references(() => projects.id),
    name: words('name').notNull(),
    ciphertext: text('ciphertext').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.name] })],
);
