import { wanted } from '../domain/wanted.ts';
import type { Deps } from './deps.ts';
import { mustHold } from './fence.ts';
import { stepLimitMs } from './limits.ts';
import type { ClaimedPreview, Lease } from './ports/store.ts';
import { isAllowed } from './sight.ts';

/** Reads the truth at GitHub and writes what is wanted by it. Throws `KosukeError` when GitHub gives no clear answer: nothing changes then. */
export async function look(deps: Deps, claimed: ClaimedPreview, stop: AbortSignal): Promise<Lease> {
  const { preview } = claimed;
  const { project, ref } = preview;
  const truth = await deps.codeHost.look(project, ref, AbortSignal.any([stop, AbortSignal.timeout(stepLimitMs)]));
  const known = truth.repository === 'unknown' ? null : truth.repository;
  if (known !== null) await deps.store.projects.ensure(known, deps.clock.now());
  const decided = wanted({
    ref,
    truth,
    will: preview.will,
    accountAllowed: isAllowed(deps, known?.owner ?? project.owner),
    firstHead: ref.kind === 'branch' ? await deps.store.projects.firstHead(project.id, ref.name) : null,
    before: preview.wanted,
  });
  const pulls = truth.repository === 'unknown' ? preview.pulls : truth.openPulls;
  const lease = await deps.store.previews.setWanted(claimed.lease, decided, pulls, deps.clock.now());
  mustHold(lease);
  return lease;
}
