import { collectDefaultMetrics } from 'prom-client';
import type { Logger } from 'pino';
import { previewStates } from '../domain/preview.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import { asides, type Figures, type Waiting } from '../reconcile/ports/store.ts';
import { queues, type Queue, type Source } from './definitions.ts';
import type { Instruments } from './instruments.ts';
import { limited } from './limited.ts';

/** Prometheus' text format, and the `Content-Type` that goes with it. */
export type Scrape = () => Promise<{ contentType: string; text: string }>;

/**
 * All metrics as they are now, those of the process included. Queues and states are read from the store, each by itself: one that fails or is
 * late is left out, counted in `kosuke_scrape_errors_total`, and logged when it begins to. However often it is asked, the store is asked
 * each thing once a second.
 */
export function createScrape(deps: { instruments: Instruments; figures: Figures; clock: Pick<Clock, 'now'>; log: Logger; limitMs?: number; keepMs?: number }): Scrape {
  const { instruments, figures, clock, log, limitMs = 1_000, keepMs = 1_000 } = deps;
  const { registry, gauges, budgets, scrapeErrors } = instruments;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lookAtLoopEveryMs });

  const failing = new Set<Source>();
  const read = <T>(source: Source, ask: () => Promise<T>): (() => Promise<T | null>) => {
    const asked = limited(ask, clock, { limitMs, keepMs });
    return async () => {
      try {
        const figure = await asked();
        failing.delete(source);
        return figure;
      } catch (error) {
        scrapeErrors.inc({ source });
        if (!failing.has(source)) log.warn({ err: error, source }, 'a figure for the metrics could not be read and is left out until it can');
        failing.add(source);
        return null;
      }
    };
  };
  const waiting: Record<Queue, () => Promise<Waiting | null>> = {
    deliveries: read('deliveries', () => figures.deliveriesWaiting()),
    passes: read('passes', () => figures.passesDue(clock.now())),
    builds: read('builds', () => figures.buildsQueued(clock.now())),
    comments: read('comments', () => figures.commentsWaiting()),
    statuses: read('statuses', () => figures.statusesWaiting()),
  };
  const setAside = read('set_aside', () => figures.setAside());
  const byState = read('previews', () => figures.previewsByState());

  return async () => {
    const [previews, aside, ...found] = await Promise.all([byState(), setAside(), ...queues.map((queue) => waiting[queue]())]);
    const now = clock.now();
    for (const gauge of Object.values(gauges)) gauge.reset();
    for (const [index, queue] of queues.entries()) showQueue(gauges, queue, found[index] ?? null, now);
    if (previews !== null) for (const state of previewStates) gauges.previews.set({ state }, previews.get(state) ?? 0);
    if (aside !== null) for (const what of asides) gauges.setAside.set({ what }, aside[what]);
    for (const [installation, { remaining }] of budgets.current(now)) gauges.remaining.set({ installation }, remaining);
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
}

function showQueue({ depth, oldest }: Instruments['gauges'], queue: Queue, waiting: Waiting | null, now: Date): void {
  if (waiting === null) return;
  depth.set({ queue }, waiting.count);
  oldest.set({ queue }, waiting.since === null ? 0 : Math.max(0, now.getTime() - waiting.since.getTime()) / 1000);
}

/** Measured at rest: 0.06 % of a CPU more, where prom-client's own 10 ms cost 0.5 %. */
const lookAtLoopEveryMs = 100;
