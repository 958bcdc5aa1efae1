import type { Logger } from 'pino';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Deliveries, Delivery, Signals } from '../reconcile/ports/store.ts';
import { isHandled } from './events.ts';
import { received } from './received.ts';
import { reasonOf } from './reason.ts';
import { createWaker, type Waker } from './waker.ts';

export type DeliveriesLoopOptions = {
  deliveries: Deliveries;
  signals: Pick<Signals, 'on'>;
  /** Runs the handlers of one delivery; a rejection means that it is to be tried again. */
  receive: (delivery: Delivery) => Promise<void>;
  clock: Clock;
  log: Logger;
  /** Ends the loop: deliveries in hand are finished, or given back when they take longer than `graceMs`. */
  signal: AbortSignal;
  /** In ms; kept up while a delivery is in hand. So long after one of us died, or after an answer of the ledger was lost, the next one takes it. */
  leaseMs: number;
  /** How long the handlers of one delivery may take, in ms. */
  limitMs: number;
  /** How often one delivery is tried before it is set aside, e.g. 6 for one try and the five waits. */
  maxAttempts: number;
  /** How many are in hand at once, so that one that waits for GitHub blocks nobody. */
  width?: number;
  /** The slow poll behind the signal, in ms. */
  pollMs?: number;
  graceMs?: number;
  /** How many are being stored just now: GitHub waits 10 s for an answer, so that goes first, and only one in `yieldMs` is handed on meanwhile. */
  storing?: { readonly now: number };
  yieldMs?: number;
};

/**
 * Hands stored deliveries to their handlers, first come first served:
 *
 *     claim → receive → finish | fail (again after 1 s, 5 s, 30 s, 2 min, 10 min; then set aside with its reason)
 *
 * Resolves when the signal has ended it; never rejects.
 */
export async function runDeliveries(options: DeliveriesLoopOptions): Promise<void> {
  const { signals, clock, log, signal, width = 4, pollMs = 30_000, storing = { now: 0 }, yieldMs = 250 } = options;
  const waker = createWaker();
  const inHand = new Set<Promise<void>>();
  const stopListening = signals.on('delivery', waker.wake);
  let troubles = 0;
  let takenAt = -Infinity;
  const yields = () => storing.now > 0 && performance.now() - takenAt < yieldMs;
  try {
    while (!signal.aborted) {
      let waitMs = pollMs;
      try {
        if (yields()) {
          await clock.sleep(lookAgainMs, signal).catch(() => undefined);
          continue;
        }
        if (inHand.size < width && (await take(options, inHand, waker))) {
          takenAt = performance.now();
          continue;
        }
        if (inHand.size < width) waitMs = Math.min(pollMs, await untilNextDue(options));
        troubles = 0;
      } catch (error) {
        waitMs = Math.min(1_000 * 2 ** troubles, pollMs);
        troubles += 1;
        log.error({ err: error, waitMs }, 'The ledger of webhooks does not answer; it is asked again');
      }
      await waker.wait(clock, waitMs, signal);
    }
  } finally {
    stopListening();
    await Promise.all(inHand);
  }
}

/** Claims one and starts on it; false when none is due. */
async function take(options: DeliveriesLoopOptions, inHand: Set<Promise<void>>, waker: Waker): Promise<boolean> {
  const delivery = await options.deliveries.claim(options.clock.now(), options.leaseMs);
  if (delivery === null) return false;
  const working = work(options, delivery)
    .catch((error: unknown) => {
      const { guid, event } = delivery;
      options.log.error({ err: error, guid, event }, 'What became of a webhook could not be written down; it is handled again');
    })
    .finally(() => {
      inHand.delete(working);
      waker.wake();
    });
  inHand.add(working);
  return true;
}

async function untilNextDue({ deliveries, clock }: DeliveriesLoopOptions): Promise<number> {
  const due = await deliveries.nextDue();
  return due ? Math.max(due.getTime() - clock.now().getTime(), shortestWaitMs) : Infinity;
}

async function work(options: DeliveriesLoopOptions, delivery: Delivery): Promise<void> {
  const { deliveries, clock, log, maxAttempts } = options;
  const { guid, event, attempts } = delivery;
  if (!isHandled(event, delivery.payload)) return deliveries.finish(guid, 'ignored', clock.now());

  if (attempts >= maxAttempts) {
    log.error({ guid, event, attempts }, 'A webhook was begun as often as is allowed, each time without an end, and was set aside; the sweep makes up for it');
    return deliveries.fail(guid, 'the program ended each time it was handled', null);
  }

  const outcome = await kept(options, guid, () => received(options, delivery));
  if (outcome.kind === 'handled') {
    log.debug({ guid, event }, 'webhook handled');
    return deliveries.finish(guid, 'handled', clock.now());
  }
  if (outcome.kind === 'stopped') return deliveries.fail(guid, 'the program stopped while it was handled', clock.now());

  const reason = reasonOf(outcome.error);
  if (attempts + 1 >= maxAttempts) {
    log.error({ err: outcome.error, guid, event }, 'A webhook failed again and was set aside; the sweep makes up for it');
    return deliveries.fail(guid, reason, null);
  }
  const waitMs = waitsMs[attempts] ?? waitsMs.at(-1)!;
  log.warn({ err: outcome.error, guid, event, waitMs }, 'A webhook failed and is tried again');
  return deliveries.fail(guid, reason, new Date(clock.now().getTime() + waitMs));
}

/** Keeps the lease up while `work` goes on. */
async function kept<T>({ deliveries, clock, leaseMs }: DeliveriesLoopOptions, guid: string, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const keeping = (async () => {
    for (;;) {
      await clock.sleep(leaseMs / 3, over.signal);
      // A ledger that does not answer is told of by whoever takes the next one.
      if (!over.signal.aborted) await deliveries.keep(guid, new Date(clock.now().getTime() + leaseMs)).catch(() => undefined);
    }
  })().catch(() => undefined);
  try {
    return await work();
  } finally {
    over.abort();
    // A keep under way must not come after what the outcome writes.
    await keeping;
  }
}

const waitsMs = [1_000, 5_000, 30_000, 120_000, 600_000];

const lookAgainMs = 10;

/** One that is due but cannot be claimed yet, since its lease ends this moment, is not asked for in a spin. */
const shortestWaitMs = 20;
