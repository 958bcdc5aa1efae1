import type { Deps } from './deps.ts';
import type { Lease } from './ports/store.ts';

/** The lease or the generation is no longer ours: whoever has it now does what is to be done. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The plan no longer holds after this step, which has written and logged why: the next pass makes another. */
export class PlanOver extends Error {
  override readonly name = 'PlanOver';
}

/** To be called immediately before every step that touches anything. Throws `LeaseLost`. */
export async function fence(deps: Pick<Deps, 'store'>, lease: Lease): Promise<void> {
  if (!(await deps.store.previews.holds(lease))) throw new LeaseLost();
}

/** For writes under a lease, which say themselves whether it still was ours. */
export function mustHold<T>(written: T): asserts written is Exclude<T, false | null> {
  if (written === false || written === null) throw new LeaseLost();
}
