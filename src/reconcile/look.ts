import { KosukeError } from '../domain/errors.ts';
import { wanted } from '../domain/wanted.ts';
import type { Deps } from './deps.ts';
import { mustHold } from './fence.ts';
import { lookLimitMs, retryWaitMs } from './limits.ts';
import type { Preview, Wanted, WantedReason } from '../domain/preview.ts';
import type { Truth } from '../domain/truth.ts';
import type { ClaimedPreview, Lease, Said } from './ports/store.ts';
import { againAfterMs } from './removals.ts';
import { isAllowed, keepProject } from './sight.ts';

/** Previews of which GitHub gave no clear answer: when to ask again, and how often it was asked. */
export type Unclear = Map<number, { askAt: Date; times: number }>;

/**
 * Reads the truth at GitHub, when that is called for, and writes what is wanted by it. When GitHub gives no clear answer nothing is
 * concluded and nothing waits for it: the pass goes on with what was wanted before, and GitHub is asked again at `askAt`.
 */
export async function look(deps: Deps, claimed: ClaimedPreview, stop: AbortSignal): Promise<{ lease: Lease; looked: boolean; askAt: Date | null }> {
  const { lease } = claimed;
  if (!claimed.look) return { lease, looked: false, askAt: null };
  const { id } = claimed.preview;
  if (claimed.unless !== null && isKnown(claimed.preview, claimed.unless)) return { lease, looked: true, askAt: null };
  const before = deps.unclear.get(id);
  if (before !== undefined && before.askAt > deps.clock.now()) return { lease, looked: false, askAt: before.askAt };
  try {
    const after = await readAndWrite(deps, claimed, stop);
    deps.unclear.delete(id);
    return { lease: after, looked: true, askAt: null };
  } catch (error) {
    if (error instanceof ManyAtOnce) return { lease, looked: false, askAt: readAgain(deps, id) };
    if (stop.aborted || !isUnclear(error)) throw error;
    const times = (before?.times ?? 0) + 1;
    const askAt = (error instanceof KosukeError && error.notBefore) || new Date(deps.clock.now().getTime() + retryWaitMs(times - 1, askWaitsMs));
    deps.unclear.set(id, { askAt, times });
    deps.log.warn({ err: error, times, askAt }, 'GitHub gave no clear answer; what was wanted before stays, and it is asked again');
    return { lease, looked: false, askAt };
  }
}

/** What a webhook said is what was read at GitHub before: it was the second of two about one push, say. */
function isKnown({ wanted, pulls }: Preview, { sha, pull }: Said): boolean {
  if (wanted.run !== 'running' || wanted.sha !== sha) return false;
  return pull === null || pulls.some(({ number, headSha }) => number === pull && headSha === sha);
}

/** Too many previews of one installation would go on one reading. */
class ManyAtOnce extends Error {
  override readonly name = 'ManyAtOnce';
}

function readAgain(deps: Deps, previewId: number): Date {
  const askAt = new Date(deps.clock.now().getTime() + againAfterMs);
  deps.unclear.set(previewId, { askAt, times: 0 });
  deps.log.warn({ askAt }, 'many previews of this account would go at once; GitHub is asked about each once more');
  return askAt;
}

async function readAndWrite(deps: Deps, { lease, preview }: ClaimedPreview, stop: AbortSignal): Promise<Lease> {
  const { truth, decided } = await readAndDecide(deps, preview, stop);
  if (decided.run !== 'nothing') deps.removals.stays(preview.project.installationId, preview.id);
  else if (preview.wanted.run !== 'nothing' && readAtGitHub.has(decided.reason) && !(await mayGo(deps, preview))) throw new ManyAtOnce();
  if (truth.repository !== 'unknown' && truth.repository !== null) await keepProject(deps, truth.repository);
  const pulls = truth.repository === 'unknown' ? preview.pulls : truth.openPulls;
  const after = await deps.store.previews.setWanted(lease, decided, pulls, deps.clock.now());
  mustHold(after);
  return after;
}

/** What no person here decided: GitHub says so. */
const readAtGitHub: ReadonlySet<WantedReason> = new Set(['repository-gone', 'branch-deleted', 'pull-request-closed', 'first-sight'] as const);

async function mayGo(deps: Deps, { id, project: { installationId } }: Preview): Promise<boolean> {
  const wantedOnes = (await deps.store.previews.all()).filter((one) => one.project.installationId === installationId && one.wanted.run !== 'nothing');
  return deps.removals.mayGo(installationId, id, wantedOnes.length, deps.clock.now());
}

/** The truth about a preview's ref at GitHub, and what is wanted by it; nothing is written. */
export async function readAndDecide(deps: Deps, preview: Preview, stop: AbortSignal): Promise<{ truth: Truth; decided: Wanted }> {
  const { project, ref } = preview;
  const openBefore = preview.pulls.map(({ number }) => number);
  const truth = await deps.codeHost.look(project, ref, AbortSignal.any([stop, AbortSignal.timeout(lookLimitMs)]), openBefore);
  const known = truth.repository === 'unknown' ? null : truth.repository;
  const decided = wanted({
    ref,
    truth,
    will: preview.will,
    accountAllowed: isAllowed(deps, known?.owner ?? project.owner),
    firstHead: ref.kind === 'branch' ? await deps.store.projects.firstHead(project.id, ref.name) : null,
    before: preview.wanted,
  });
  return { truth, decided };
}

function isUnclear(error: unknown): boolean {
  return (error instanceof KosukeError && error.failure.code === 'github') || (error instanceof DOMException && error.name === 'TimeoutError');
}

const askWaitsMs = [1_000, 3_000, 10_000, 30_000, 60_000];
