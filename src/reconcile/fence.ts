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

/**
 * To be called immediately before every step that touches anything. Throws `LeaseLost`. An answer that took long to arrive (this process was suspended,
 * say) says what was, and is asked for again.
 */
export async function fence({ store, clock }: Pick<Deps, 'store' | 'clock'>, lease: Lease): Promise<void> {
  for (;;) {
    const askedAt = clock.now().getTime();
    if (!(await store.previews.holds(lease))) throw new LeaseLost();
    if (clock.now().getTime() - askedAt <= freshMs) return;
  }
}

/** A lease lasts much longer. */
const freshMs = 5_000;

/** For writes under a lease, which say themselves whether it still was ours. */
export function mustHold<T>(written: T): asserts written is Exclude<T, false | null> {
  if (written === false || written === null) throw new LeaseLost();
}
