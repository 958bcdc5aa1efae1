import { commentText, type CommentEnding } from '../domain/comment.ts';
import { githubStatus, queuedReportDue } from '../domain/github-status.ts';
import { liveOf, targetOf } from '../domain/plan/select.ts';
import { previewState } from '../domain/preview-state.ts';
import type { DeploymentState } from '../domain/deployment.ts';
import type { Preview } from '../domain/preview.ts';
import type { Deps } from './deps.ts';
import { fence, mustHold } from './fence.ts';
import type { Seen } from './observe.ts';
import type { Lease } from './ports/store.ts';

/**
 * Writes the preview's state in one word and wishes what GitHub shall be told; writers of their own tell it. Resolves with the time at
 * which a wait becomes long enough to be said, or what has just begun.
 */
export async function settle(deps: Deps, lease: Lease, seen: Seen): Promise<Date | null> {
  const state = previewState(seen.observed);
  const preview: Preview = { ...seen.preview, state };
  if (state !== seen.preview.state) {
    mustHold(await deps.store.previews.update(lease, { state }, deps.clock.now()));
    deps.log.info({ preview: preview.id, host: preview.hostLabel, state, before: seen.preview.state }, 'state');
  }
  if (!canBeTold(preview)) return null;
  const quiet = quietUntil(seen);
  if (quiet !== null && quiet > deps.clock.now()) return quiet;
  await fence(deps, lease);
  await wishStatuses(deps, preview, seen);
  await wishComments(deps, preview, seen);
  const waiting = seen.deployments.find((d) => d.state === 'queued' && queuedReportDue(d) > deps.clock.now());
  return waiting === undefined ? null : queuedReportDue(waiting);
}

/** What has only just begun is not told yet: it may be over in less than the telling takes, and GitHub's requests are counted. */
function quietUntil({ observed }: Seen): Date | null {
  const target = targetOf(observed);
  return target !== undefined && underWay.has(target.state) ? new Date(target.createdAt.getTime() + quietMs) : null;
}

/** Whether it is under way for so long that who waits is to be told before anything else is done, for that may take its time. */
export function isOverdue(deps: Pick<Deps, 'clock'>, seen: Seen): boolean {
  const quiet = quietUntil(seen);
  return quiet !== null && quiet <= deps.clock.now();
}

const underWay: ReadonlySet<DeploymentState> = new Set(['queued', 'building', 'built', 'starting']);
const quietMs = 400;

/** Nobody listens where the repository is gone, and nobody may be told while the App is suspended or the account is not allowed. */
function canBeTold({ wanted }: Preview): boolean {
  return wanted.reason !== 'repository-gone' && wanted.reason !== 'account-not-allowed' && wanted.asleepBecause !== 'suspended';
}

async function wishStatuses(deps: Deps, preview: Preview, { deployments, address }: Seen): Promise<void> {
  const now = deps.clock.now();
  for (const deployment of deployments) {
    const crashed = preview.state === 'crashed' && deployment.id === preview.liveDeploymentId;
    const status = githubStatus(deployment, { now, crashed });
    if (status === null || (status === 'success' && comesBack(preview, address))) continue;
    const url = status === 'success' ? address : null;
    if (status === deployment.wishedStatus && url === deployment.wishedUrl) continue;
    await deps.store.reports.wishStatus(deployment.id, status, now, url);
  }
}

/** Between a crash and the restart there may be no address; it is the same afterwards, as good as always: not worth two statuses. */
function comesBack({ wanted }: Preview, address: string | null): boolean {
  return address === null && wanted.run === 'running';
}

async function wishComments(deps: Deps, preview: Preview, seen: Seen): Promise<void> {
  const { reports } = deps.store;
  const open = new Set(preview.pulls.map((pull) => pull.number));
  const wished = new Map((await reports.wishedComments(preview.id)).map((comment) => [comment.pull, comment]));
  for (const { pull, frozen } of wished.values()) {
    if (frozen || open.has(pull)) continue;
    const ending = endingOf(preview, seen);
    if (ending === null) continue;
    await reports.wishComment(preview.id, pull, textOf(deps, preview, seen, ending), { frozen: true }, deps.clock.now());
  }
  if (preview.wanted.reason === 'left-out') return;
  for (const pull of open) {
    // A pull request that GitHub shows as open has no last words, whatever was said before.
    const before = wished.get(pull);
    if (before?.frozen !== false) await reports.thaw(preview.project.id, pull);
    const body = textOf(deps, preview, seen, null);
    if (body !== before?.body || before.frozen) await reports.wishComment(preview.id, pull, body, { frozen: false }, deps.clock.now());
  }
}

/** What to say on a pull request that was closed: `null` until what it had is really gone. */
function endingOf(preview: Preview, { observed }: Seen): CommentEnding | null {
  if (preview.wanted.run === 'nothing') return observed.containers.length === 0 ? { kind: 'removed' } : null;
  const other = preview.pulls[0];
  return { kind: 'kept', by: other === undefined ? { kind: 'branch' } : { kind: 'pull', number: other.number } };
}

function textOf(deps: Deps, preview: Preview, { observed, address, noRoom }: Seen, ending: CommentEnding | null): string {
  const { owner, name } = preview.project;
  return commentText({
    preview,
    // What is not edited any more must not name a port that goes with its version.
    url: ending !== null && deps.edge.ports !== null ? null : address,
    noRoom,
    latest: targetOf(observed) ?? null,
    live: liveOf(observed) ?? null,
    commitUrl: (sha) => deps.config.commitUrl(owner, name, sha),
    logUrl: deps.config.logUrl,
    now: deps.clock.now(),
    ending,
  });
}
