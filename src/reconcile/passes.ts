import type { Deps } from './deps.ts';
import { leaseMs } from './limits.ts';
import { pass } from './pass.ts';
import type { Worker } from './worker.ts';

/** The worker that makes passes over previews that are due. */
export function passes(deps: Deps, owner: string, stop: AbortSignal): Worker {
  const { previews } = deps.store;
  return {
    name: 'passes',
    signal: 'preview',
    width: 8,
    async claim() {
      const claimed = await previews.claim(owner, deps.clock.now(), leaseMs);
      return claimed === null ? null : () => pass(deps, claimed, stop);
    },
    nextDue: () => previews.nextDue(),
  };
}
