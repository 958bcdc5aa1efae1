import type { Logger } from 'pino';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Deliveries, Delivery, Signals } from '../reconcile/ports/store.ts';
import { isHandled } from './events.ts';
import { reasonOf } from './reason.ts';
import { createWaker } from './waker.ts';

export type DeliveriesLoopOptions = {
  deliveries: Deliveries;
  signals: Signals;
  /** Runs the handlers of one delivery; a rejection means that it is to be tried again. */
  receive: (delivery: Delivery) => Promise<void>;
  clock: Clock;
  log: Logger;
  /** Ends the loop: the delivery in hand is finished, or given back when it takes longer than `graceMs`. */
  signal: AbortSignal;
  /** In ms. The handlers of one delivery get half of it, so that nobody else takes it meanwhile. */
  leaseMs: number;
  /** How often one delivery is tried before it is set aside, e.g. 6 for one try and the five waits. */
  maxAttempts: number;
  /** The slow poll behind the signal, in ms. */
  pollMs?: number;
  graceMs?: number;
};

/**
 * Hands stored deliveries to their handlers, one after another in the order in which they came:
 *
 *     claim → receive → finish | fail (again after 1 s, 5 s, 30 s, 2 min, 10 min; then set aside with its reason)
 *
 * One that fails steps back until its next try and blocks nobody. Resolves when the signal has ended it; never rejects.
 */
export async function runDeliveries(options: DeliveriesLoopOptions): Promise<void> {
  const { deliveries, signals, clock, log, signal, leaseMs, pollMs = 30_000 } = options;
  const waker = createWaker();
  const stopListening = signals.on('delivery', waker.wake);
  let troubles = 0;
  try {
    while (!signal.aborted) {
      try {
        const delivery = await deliveries.claim(clock.now(), leaseMs);
        if (delivery) await work(options, delivery);
        else await waker.wait(clock, Math.min(pollMs, await untilNextDue(options)), signal);
        troubles = 0;
      } catch (error) {
        const waitMs = Math.min(1_000 * 2 ** troubles++, pollMs);
        log.error({ err: error, waitMs }, 'The ledger of webhooks does not answer; it is asked again');
        await waker.wait(clock, waitMs, signal);
      }
    }
  } finally {
    stopListening();
  }
}

async function untilNextDue({ deliveries, clock }: DeliveriesLoopOptions): Promise<number> {
  const due = await deliveries.nextDue();
  return due ? Math.max(due.getTime() - clock.now().getTime(), shortestWaitMs) : Infinity;
}

async function work(options: DeliveriesLoopOptions, delivery: Delivery): Promise<void> {
  const { deliveries, clock, log } = options;
  const { guid, event } = delivery;
  if (!isHandled(event, delivery.payload)) return deliveries.finish(guid, 'ignored', clock.now());

  const outcome = await received(options, delivery);
  if (outcome.kind === 'handled') {
    log.debug({ guid, event }, 'webhook handled');
    return deliveries.finish(guid, 'handled', clock.now());
  }
  if (outcome.kind === 'stopped') return deliveries.fail(guid, 'The program stopped while it was handled', clock.now());

  const waitMs = delivery.attempts < options.maxAttempts ? (waitsMs[delivery.attempts - 1] ?? waitsMs.at(-1)!) : null;
  const reason = reasonOf(outcome.error);
  if (waitMs === null) log.error({ err: outcome.error, guid, event }, 'A webhook failed again and was set aside; the sweep makes up for it');
  else log.warn({ err: outcome.error, guid, event, waitMs }, 'A webhook failed and is tried again');
  return deliveries.fail(guid, reason, waitMs === null ? null : new Date(clock.now().getTime() + waitMs));
}

type Outcome = { kind: 'handled' } | { kind: 'failed'; error: unknown } | { kind: 'stopped' };

/** Runs the handlers with their time limit; once the loop is to end, they get the grace at most. */
async function received(options: DeliveriesLoopOptions, delivery: Delivery): Promise<Outcome> {
  const { clock, signal, leaseMs, graceMs = 3_000 } = options;
  const settled = new AbortController();
  const handled: Promise<Outcome> = options.receive(delivery).then(
    () => ({ kind: 'handled' }),
    (error: unknown) => ({ kind: 'failed', error }),
  );
  const limitMs = leaseMs / 2;
  const late = pause(clock, limitMs, settled.signal).then(
    (): Outcome => ({ kind: 'failed', error: new Error(`its handlers took longer than ${limitMs} ms`) }),
  );
  const stopped = aborted(signal, settled.signal)
    .then(() => pause(clock, graceMs, settled.signal))
    .then((): Outcome => ({ kind: 'stopped' }));
  try {
    return await Promise.race([handled, late, stopped]);
  } finally {
    settled.abort();
  }
}

/** Resolves after `ms`, or at once when the signal ends it. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Resolves when either signal is aborted. */
function aborted(signal: AbortSignal, other: AbortSignal): Promise<void> {
  const either = AbortSignal.any([signal, other]);
  return new Promise((resolve) => {
    if (either.aborted) resolve();
    else either.addEventListener('abort', () => resolve(), { once: true });
  });
}

const waitsMs = [1_000, 5_000, 30_000, 120_000, 600_000];

/** A row that is due but not claimable yet (its time is a moment ahead of ours) is not asked for in a spin. */
const shortestWaitMs = 20;
