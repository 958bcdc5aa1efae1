import { failureOf, failureSentence } from '../domain/errors.ts';
import type { Action } from '../domain/plan/actions.ts';
import { plan } from '../domain/plan/plan.ts';
import { mostAttempts, setAsideWaitMs } from '../domain/set-aside.ts';
import { asWilled } from '../domain/wanted.ts';
import { act, maySkip } from './act/act.ts';
import type { Deps } from './deps.ts';
import { engineAnswers } from './engine-answers.ts';
import { LeaseLost, mustHold, PlanOver } from './fence.ts';
import { leaseMs, retryWaitMs, stopActingMs } from './limits.ts';
import { look } from './look.ts';
import { observe, type Seen } from './observe.ts';
import type { PassResult } from './ports/metrics.ts';
import type { ClaimedPreview, Lease } from './ports/store.ts';
import { askForRoomAt, settleRoom } from './room.ts';
import { isOverdue, settle } from './settle.ts';

/**
 * One pass over one preview:
 *
 * 1. look: when something happened at GitHub, read the truth there and write what is wanted (a change begins a new generation); when GitHub
 *    gives no clear answer, what was wanted before stays, and GitHub is asked again later;
 * 2. observe: rows, engine, holds, probes; what needs a place among those that may run takes one, or waits;
 * 3. plan: pure, the next actions as data;
 * 4. act: each behind the fence; then from 2 again until the plan is empty, something failed, or the time is over. What is under way is told before;
 * 5. settle: the state in one word, and what GitHub shall be told;
 * 6. give the row back, due again when time will change the plan, or at once when there is more to do.
 *
 * Never throws: a failed pass is logged here and tried again with growing waits; one that fails each time is set aside.
 */
export async function pass(given: Deps, claimed: ClaimedPreview, stop: AbortSignal): Promise<void> {
  const deps = { ...given, log: given.log.child({ preview: claimed.preview.id, host: claimed.preview.hostLabel }) };
  const began = deps.clock.now().getTime();
  const result = await passed(deps, claimed, stop);
  deps.metrics.passEnded(result, deps.clock.now().getTime() - began);
}

async function passed(deps: Deps, claimed: ClaimedPreview, stop: AbortSignal): Promise<PassResult> {
  let { lease } = claimed;
  let looked = false;
  try {
    const until = deps.clock.now().getTime() + stopActingMs;
    const after = await look(deps, claimed, stop);
    ({ lease, looked } = after);
    if (lease === claimed.lease) lease = await asItsWill(deps, claimed, lease);
    const { seen, lookAgainAt, failed, unfinished } = await work(deps, lease, until, stop);
    const tellAt = await settle(deps, lease, seen);

    const again = failed === null ? null : await againAt(deps, lease, claimed, failed, stop);
    const dueAt = unfinished ? deps.clock.now() : earliest(again, after.askAt, lookAgainAt, tellAt);
    await deps.store.previews.release(lease, { dueAt, failed: failed !== null, looked });
    return failed === null ? 'done' : 'failed';
  } catch (error) {
    if (error instanceof LeaseLost) {
      deps.log.info({ lease: lease.leaseNo }, 'another worker has this preview now');
      return 'lost';
    }
    await giveUp(deps, lease, { attempts: claimed.attempts, looked, error }, stop);
    if (stop.aborted) return 'stopped';
    deps.log.warn({ err: error, attempts: claimed.attempts + 1 }, 'the pass failed and is tried again');
    return 'failed';
  }
}

/** What was put to sleep without a word from GitHub is asleep from now on. */
async function asItsWill(deps: Deps, { preview }: ClaimedPreview, lease: Lease): Promise<Lease> {
  const wanted = asWilled(preview.wanted, preview.will);
  if (wanted === preview.wanted) return lease;
  const after = await deps.store.previews.setWanted(lease, wanted, preview.pulls, deps.clock.now());
  mustHold(after);
  return after;
}

/**
 * When to try again what failed. What fails each time is set aside, with its reason, and tried once an hour; not while the engine does not answer, for then
 * everything fails.
 */
async function againAt(deps: Deps, lease: Lease, { attempts }: Pick<ClaimedPreview, 'attempts'>, error: unknown, stop: AbortSignal): Promise<Date> {
  const now = deps.clock.now();
  if (attempts + 1 < mostAttempts || !(await engineAnswers(deps, stop))) return inMs(deps, retryWaitMs(attempts, passWaitsMs));
  const reason = failureSentence({ ...failureOf(error, 'working on it'), next: '' });
  if (await deps.store.previews.update(lease, { setAside: { reason, at: now } }, now)) deps.log.error({ err: error, attempts: attempts + 1 }, 'what was to be done failed each time; the preview is set aside and tried once an hour');
  return inMs(deps, setAsideWaitMs);
}

/** `failed`: what a step that may not be skipped, or the last one of those that may, was thrown. */
type Worked = { seen: Seen; lookAgainAt: Date | null; failed: unknown; unfinished: boolean };

/** Observes, plans and acts until nothing is left to do; resolves with what is there then. Begins nothing after `until` (ms). */
async function work(deps: Deps, lease: Lease, until: number, stop: AbortSignal): Promise<Worked> {
  for (let rounds = 1; ; rounds += 1) {
    const seen = await settleRoom(deps, lease, await observe(deps, lease, stop));
    const { actions, lookAgainAt: again } = plan(seen.observed);
    const lookAgainAt = earliest(again, askForRoomAt(deps, seen));
    if (actions.length === 0) return { seen, lookAgainAt, failed: null, unfinished: false };
    const { failed, skipped } = await actAll(deps, lease, seen, actions, until, stop);
    const moved = failed === null && actions.length > skipped;
    const over = rounds === mostRounds || deps.clock.now().getTime() > until;
    if (!moved || over) return { seen: { ...(await observe(deps, lease, stop)), noRoom: seen.noRoom }, lookAgainAt, failed, unfinished: moved };
  }
}

/** Up to the first that fails and may not be skipped. What failed is logged here, and said by who waits for it; the pass goes on to settle. */
async function actAll(deps: Deps, lease: Lease, seen: Seen, actions: readonly Action[], until: number, stop: AbortSignal): Promise<{ failed: unknown; skipped: number }> {
  let skipped = 0;
  let failed: unknown = null;
  let told = false;
  for (const action of actions) {
    if (deps.clock.now().getTime() > until) break;
    stop.throwIfAborted();
    if (!told && isOverdue(deps, seen)) {
      await settle(deps, lease, seen);
      told = true;
    }
    try {
      await act(deps, { lease, preview: seen.preview, observed: seen.observed }, action, stop);
    } catch (error) {
      if (error instanceof LeaseLost || stop.aborted) throw error;
      if (error instanceof PlanOver) break;
      deps.log.warn({ err: error, action }, 'a step failed and is tried again');
      failed = error;
      if (!maySkip(action)) break;
      skipped += 1;
    }
  }
  return { failed, skipped };
}

/** While the database is away it goes on trying, for as long as the lease can last: else the preview would wait for its end. */
async function giveUp(deps: Deps, lease: Lease, { attempts, looked, error }: { attempts: number; looked: boolean; error: unknown }, stop: AbortSignal): Promise<void> {
  const until = deps.clock.now().getTime() + leaseMs;
  for (let tries = 0; ; tries += 1) {
    try {
      const dueAt = stop.aborted ? deps.clock.now() : await againAt(deps, lease, { attempts }, error, stop);
      await deps.store.previews.release(lease, { dueAt, failed: !stop.aborted, looked });
      return;
    } catch (error) {
      if (tries === 0) deps.log.error({ err: error, preview: lease.previewId }, 'a preview could not be given back; it is tried until its lease runs out by itself');
      if (stop.aborted || deps.clock.now().getTime() > until) return;
      await deps.clock.sleep(giveBackEveryMs, stop).catch(() => undefined);
    }
  }
}

function earliest(...times: (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null).map((time) => time.getTime());
  return known.length === 0 ? null : new Date(Math.min(...known));
}

function inMs(deps: Deps, waitMs: number): Date {
  return new Date(deps.clock.now().getTime() + waitMs);
}

/** A plan is empty after a few; what never ends gives others their turn. */
const mostRounds = 8;
const passWaitsMs = [1_000, 3_000, 10_000, 30_000, 60_000, 300_000];
const giveBackEveryMs = 1_000;
