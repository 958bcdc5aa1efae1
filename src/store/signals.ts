import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Signal, Signals } from '../reconcile/ports/store.ts';
import { channelOf, type Db, type Hear } from './handle.ts';
import { storeError } from './errors.ts';

/** Who listens in this process; `hear` is what the database's notifications go to. */
export function makeHub(log: Logger): { hear: Hear; on: Signals['on'] } {
  const listeners = new Map<Signal, Set<(payload: string) => void>>();
  const tell = (signal: Signal, payload: string) => {
    for (const listener of listeners.get(signal) ?? []) {
      try {
        listener(payload);
      } catch (error) {
        log.error({ err: error, signal }, 'a listener failed');
      }
    }
  };
  return {
    // The embedded database calls from inside a statement: not before that one is over.
    hear: (signal, payload) => void setImmediate(tell, signal, payload),
    on(signal, listener) {
      // A function of its own, so that the same listener may be added twice.
      const own = (payload: string) => listener(payload);
      const ofSignal = listeners.get(signal) ?? new Set();
      listeners.set(signal, ofSignal.add(own));
      return () => void ofSignal.delete(own);
    },
  };
}

export function makeSignals(db: Db, on: Signals['on']): Signals {
  return {
    on,
    async send(signal, payload = '') {
      try {
        await db.select({ told: notify(signal, payload) }).from(sql`(values (1)) as once`);
      } catch (error) {
        throw storeError(error, 'signals.send');
      }
    },
  };
}

/** To be part of a statement (`returning`): listeners hear it when that is committed, the same payload once. */
export function notify(signal: Signal, payload: string | ReturnType<typeof sql>) {
  return sql<string>`pg_notify(${channelOf(signal)}, ${payload}::text)`;
}
