import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cost } from '../reconcile/ports/code-host.ts';

/** What `work`, and nothing that goes on beside it, asks of GitHub is added to `cost`. */
export function metered<T>(cost: Cost, work: () => Promise<T>): Promise<T> {
  return spending.run(cost, work);
}

/** A request was made; `free`: GitHub answered that nothing changed, which it does not count. */
export function spend(free: boolean): void {
  const cost = spending.getStore();
  if (cost === undefined) return;
  cost.requests += 1;
  if (free) cost.free += 1;
}

const spending = new AsyncLocalStorage<Cost>();
