import type { Logger } from 'pino';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Engine, EngineEvent } from '../reconcile/ports/engine.ts';
import type { Store } from '../reconcile/ports/store.ts';

export type EngineWatch = {
  /** Since when events have been followed without a gap. */
  since(): Date;
  /** The engine's version at the last connection; `null` before the first. */
  version(): string | null;
  /** When somebody last ended the container through the engine, by the engine's clock; `null`: nobody did, as far as was seen. */
  killedAt(containerId: string): Date | null;
  /** Follows events until the signal ends: each start and death kicks its preview, each new connection kicks all, what was set aside, too. */
  run(signal: AbortSignal): Promise<void>;
};

export function createEngineWatch(deps: { engine: Engine; store: Store; clock: Clock; log: Logger }): EngineWatch {
  const { previews } = deps.store;
  let since = deps.clock.now();
  let lostAt: Date | null = null;
  let version: string | null = null;
  const kills = createKills();
  const passOn = async (event: EngineEvent): Promise<void> => {
    const now = deps.clock.now();
    if (event.kind === 'lost') {
      lostAt = now;
      return;
    }
    if (event.kind === 'kill') return kills.add(event);
    if (event.kind !== 'connected') return previews.kick(event.previewId, { look: false }, now);
    since = now;
    version = await versionOf(deps, version);
    // An engine that is being stopped ends its containers first, and says so: they did not crash.
    if (lostAt !== null) await previews.forgetCrashes(new Date(lostAt.getTime() - stopsWithinMs));
    await previews.kickAll({ look: false, takeUp: true }, now);
  };
  return {
    since: () => since,
    version: () => version,
    killedAt: kills.at,
    run: (signal) =>
      deps.engine.watch((event) => {
        passOn(event).catch((error: unknown) => deps.log.error({ err: error, event }, 'an event of the engine could not be passed on; the sweep finds what it meant'));
      }, signal),
  };
}

/** Of the last 1,000 containers. */
function createKills(): { add(kill: { containerId: string; at: Date }): void; at(containerId: string): Date | null } {
  const kills = new Map<string, Date>();
  return {
    add({ containerId, at }) {
      kills.delete(containerId);
      kills.set(containerId, at);
      const [oldest] = kills.keys();
      if (kills.size > 1_000 && oldest !== undefined) kills.delete(oldest);
    },
    at: (containerId) => kills.get(containerId) ?? null,
  };
}

/** An engine that has just answered and does not answer now is connected to again. */
async function versionOf({ engine, log }: { engine: Engine; log: Logger }, before: string | null): Promise<string | null> {
  try {
    return (await engine.ping(AbortSignal.timeout(pingLimitMs))).version;
  } catch (error) {
    log.info({ err: error }, 'the engine did not say its version; the one before is taken');
    return before;
  }
}

const pingLimitMs = 5_000;

/** From the first container that a stopping engine ends to the end of its events. */
const stopsWithinMs = 60_000;
