import type { Logger } from 'pino';
import type { Deployment } from '../domain/deployment.ts';
import { logHead, logTail } from '../domain/kept-log.ts';
import { createBuildLogs } from '../pages/build-log.ts';
import type { LogWindow } from '../pages/log-window.ts';
import { createBell, type Bell } from '../reconcile/bell.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Store } from '../reconcile/ports/store.ts';

/** A deployment and its log as they were last read. The window grows in place. */
export type Seen = { deployment: Deployment; log: LogWindow };

export type LogWatch = {
  /** Reads what is new, however many ask at once. */
  look(deploymentId: number): Promise<Seen>;
  /**
   * Has the log read whenever it changes, once for all who watch it, and rings after each read. Null when as many watch as may: the
   * log may then be looked at, no more.
   */
  watch(deploymentId: number, bell: Pick<Bell, 'ring'>): Watching | null;
};

export type Watching = { seen(): Promise<Seen>; end(): void };

export type WatchLimits = { logs: number; perLog: number; inAll: number };

export type WatchOptions = {
  store: { deployments: Pick<Store['deployments'], 'byId' | 'log'>; signals: Pick<Store['signals'], 'on'> };
  clock: Clock;
  log: Logger;
  limits?: WatchLimits;
};

/** A watched log is read when the store says that its deployment changed, at most ten times a second, and every few seconds behind that. */
export function createLogWatch({ store, clock, log, limits = mostWatched }: WatchOptions): LogWatch {
  // Pages of logs that nobody watches are read, too, and must not push out those that are watched.
  const readLog = createBuildLogs(store.deployments, { logs: limits.logs + unwatched, head: logHead, tail: logTail });
  const watched = new Map<number, { seen: Promise<Seen>; bells: Set<Pick<Bell, 'ring'>>; over: AbortController }>();
  let watchers = 0;

  /** The deployment first: what was written before it changed is then in the log. */
  const look = async (deploymentId: number): Promise<Seen> => {
    const deployment = await store.deployments.byId(deploymentId);
    if (deployment === null) throw new Error(`deployment ${deploymentId} is gone`);
    return { deployment, log: await readLog(deploymentId) };
  };

  const begin = (deploymentId: number) => {
    const entry = { seen: look(deploymentId), bells: new Set<Pick<Bell, 'ring'>>(), over: new AbortController() };
    entry.seen.catch(() => undefined);
    void keepLooking(deploymentId, entry);
    watched.set(deploymentId, entry);
    return entry;
  };

  const keepLooking = async (deploymentId: number, entry: ReturnType<typeof begin>): Promise<void> => {
    const over = entry.over.signal;
    const changed = createBell();
    const off = store.signals.on('deployment', (payload) => {
      if (payload === String(deploymentId)) changed.ring();
    });
    while (!over.aborted) {
      await changed.wait(clock, slowPollMs, over);
      if (over.aborted) break;
      try {
        const seen = await look(deploymentId);
        entry.seen = Promise.resolve(seen);
        for (const bell of entry.bells) bell.ring();
      } catch (error) {
        log.warn({ err: error, deployment: deploymentId }, 'a log that is watched could not be read; tried again in a moment');
      }
      await clock.sleep(betweenMs, over).catch(() => undefined);
    }
    off();
  };

  return {
    look,
    watch(deploymentId, bell) {
      const known = watched.get(deploymentId);
      if (watchers >= limits.inAll || (known === undefined ? watched.size >= limits.logs : known.bells.size >= limits.perLog)) return null;
      const entry = known ?? begin(deploymentId);
      watchers += 1;
      entry.bells.add(bell);
      return {
        seen: () => entry.seen,
        end() {
          if (!entry.bells.delete(bell)) return;
          watchers -= 1;
          if (entry.bells.size > 0) return;
          entry.over.abort();
          watched.delete(deploymentId);
        },
      };
    },
  };
}

/** A log of the greatest length takes about 3 MB while it is watched. */
const mostWatched: WatchLimits = { logs: 24, perLog: 50, inAll: 200 };
const unwatched = 8;
const slowPollMs = 5_000;
const betweenMs = 100;
