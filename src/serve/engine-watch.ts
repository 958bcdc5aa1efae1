import type { Logger } from 'pino';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Engine } from '../reconcile/ports/engine.ts';
import type { Store } from '../reconcile/ports/store.ts';

export type EngineWatch = {
  /** Since when events have been followed without a gap. */
  since(): Date;
  /** Follows events until the signal ends: each start and death kicks its preview, each new connection kicks all, what was set aside, too. */
  run(signal: AbortSignal): Promise<void>;
};

export function createEngineWatch(deps: { engine: Engine; store: Store; clock: Clock; log: Logger }): EngineWatch {
  const { previews } = deps.store;
  let since = deps.clock.now();
  return {
    since: () => since,
    run: (signal) =>
      deps.engine.watch((event) => {
        const now = deps.clock.now();
        if (event.kind === 'connected') since = now;
        const kicked = event.kind === 'connected' ? previews.kickAll({ look: false, takeUp: true }, now) : previews.kick(event.previewId, { look: false }, now);
        kicked.catch((error: unknown) => deps.log.error({ err: error, event }, 'an event of the engine could not be passed on; the sweep finds what it meant'));
      }, signal),
  };
}
