import type { Logger } from 'pino';
import { createBell } from './bell.ts';
import type { Clock } from './ports/clock.ts';
import type { Signal, Store } from './ports/store.ts';

export type Worker = {
  /** In log lines. */
  name: string;
  /** What wakes it at once. */
  signal: Signal;
  /** How many pieces of work it does side by side. */
  width: number;
  /** Takes one piece of work; `null` when there is none. */
  claim(): Promise<(() => Promise<void>) | null>;
  /** When the next piece of work becomes due by itself. */
  nextDue(): Promise<Date | null>;
};

/**
 * Claims and works until `stop`, at most `width` pieces side by side, woken by its signal, by the end of a piece, by the time the
 * next one is due, and by a slow poll behind all of these. Resolves when the last piece in hand is done. A claim that throws (the
 * database is away) is logged and tried again; a piece of work is expected not to throw.
 */
export async function runWorker(deps: { store: Pick<Store, 'signals'>; clock: Clock; log: Logger }, worker: Worker, stop: AbortSignal): Promise<void> {
  const inHand = new Set<Promise<void>>();
  const bell = createBell();
  const off = deps.store.signals.on(worker.signal, bell.ring);
  try {
    while (!stop.aborted) {
      const pause = await pauseMs(deps, worker, inHand.size);
      const work = pause === 0 ? await claimed(deps, worker) : null;
      if (work === null) {
        if (bell.answered()) continue;
        await bell.wait(deps.clock, Math.max(pause, shortestMs), stop);
        continue;
      }
      const piece: Promise<void> = work()
        .catch((error: unknown) => deps.log.error({ err: error, worker: worker.name }, 'a piece of work threw'))
        .finally(() => {
          inHand.delete(piece);
          bell.ring();
        });
      inHand.add(piece);
    }
  } finally {
    off();
    await Promise.all(inHand);
  }
}

async function claimed(deps: { log: Logger }, worker: Worker): Promise<(() => Promise<void>) | null> {
  try {
    return await worker.claim();
  } catch (error) {
    deps.log.error({ err: error, worker: worker.name }, 'no work could be claimed; tried again in a moment');
    return null;
  }
}

/** Until the next piece is due, 0 when one is: asking costs a fraction of a claim. Never longer than the slow poll. */
async function pauseMs(deps: { clock: Clock; log: Logger }, worker: Worker, busy: number): Promise<number> {
  if (busy >= worker.width) return slowPollMs;
  try {
    const due = await worker.nextDue();
    return due === null ? slowPollMs : Math.min(slowPollMs, Math.max(0, due.getTime() - deps.clock.now().getTime()));
  } catch (error) {
    deps.log.warn({ err: error, worker: worker.name }, 'when work is due next could not be read');
    return afterErrorMs;
  }
}

const slowPollMs = 5_000;
const shortestMs = 20;
const afterErrorMs = 1_000;
