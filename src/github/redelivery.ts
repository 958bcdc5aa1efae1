import type { Logger } from 'pino';
import { z } from 'zod';
import { KosukeError } from '../domain/errors.ts';
import { retryWaitMs } from '../reconcile/limits.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Deliveries } from '../reconcile/ports/store.ts';
import { type Asker, ask, askByCursor } from './ask.ts';
import { eventPattern, guidPattern } from './events.ts';
import { type Attempt, findMissed } from './missed.ts';
import { refusalOf, unreadable } from './trouble.ts';

export type RedeliveryOptions = {
  /** Speaks for the App itself. */
  appOctokit: Asker;
  /** Storing one wakes the loop that hands it on. */
  deliveries: Pick<Deliveries, 'add' | 'known' | 'firstReceivedAt'>;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
};

/**
 * Makes up for the webhooks that GitHub sent while nobody took them in: it does not send them again by itself, but keeps them for three
 * days (a GitHub Enterprise Server for seven). They are stored as if they had come by HTTP, each once, oldest first, and the loop over
 * stored ones runs them. What GitHub gives no clear answer about is asked again with growing waits; what it no longer has is left to
 * the sweep. An empty ledger has seen nothing that could be read back to. Resolves when it is done or the signal ends it; never rejects.
 *
 * https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
 */
export async function fetchMissedDeliveries(options: RedeliveryOptions): Promise<void> {
  const { clock, log, signal } = options;
  const done: Done = { stored: 0, lost: new Set() };
  for (let tries = 0; tries < mostTries && !signal.aborted; tries += 1) {
    const trouble = await attempt(options, done);
    if (signal.aborted) return;
    if (trouble === null) return log.info({ stored: done.stored, lost: done.lost.size }, 'webhooks that were missed are read back');
    if (tries === 0) log.warn({ err: trouble }, 'Webhooks that were missed could not all be read back; it is tried again, and the sweep stands behind it');
    await clock.sleep(retryWaitMs(tries), signal).catch(() => undefined);
  }
  if (!signal.aborted) log.warn({ stored: done.stored, tries: mostTries }, 'Webhooks that were missed could not all be read back; what they said is left to the sweep');
}

/** `lost`: GUIDs that GitHub can no longer give. */
type Done = { stored: number; lost: Set<string> };

/** Reads back once and stores what can be had. Resolves with what is worth another try, `null` when nothing is. */
async function attempt(options: RedeliveryOptions, done: Done): Promise<unknown> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(attemptLimitMs)]);
  try {
    const since = await options.deliveries.firstReceivedAt();
    if (since === null) return null;
    const missed = await findMissed(readAttempts(options, signal), { known: options.deliveries.known, since });
    return await storeEach(options, missed.filter(({ guid }) => !done.lost.has(guid)), done, signal);
  } catch (error) {
    return error;
  }
}

/** One that is in trouble does not stop the rest; several in a row mean that GitHub is. */
async function storeEach(options: RedeliveryOptions, missed: readonly Attempt[], done: Done, signal: AbortSignal): Promise<unknown> {
  let trouble: unknown = null;
  let inARow = 0;
  for (const one of missed) {
    try {
      const body = await readBody(options, one, signal);
      const added = await options.deliveries.add({ guid: one.guid, event: one.event, body, receivedAt: one.deliveredAt });
      if (added === 'new') done.stored += 1;
      inARow = 0;
    } catch (error) {
      signal.throwIfAborted();
      if (isLost(error)) {
        done.lost.add(one.guid);
        options.log.warn({ err: error, guid: one.guid, event: one.event }, 'A webhook that was missed cannot be made up for; what it said is left to the sweep');
        continue;
      }
      trouble ??= error;
      inARow += 1;
      if (inARow === mostInARow) break;
    }
  }
  return trouble;
}

async function* readAttempts({ appOctokit, log }: RedeliveryOptions, signal: AbortSignal): AsyncGenerator<Attempt[], void> {
  const question = { what: 'GitHub did not list the webhooks that it sent', route: 'GET /app/hook/deliveries', shape: z.array(z.unknown()) };
  for await (const page of askByCursor(appOctokit, question, mostPages, signal)) {
    const attempts = page.flatMap((item) => attemptShape.safeParse(item).data ?? []);
    const unread = page.length - attempts.length;
    if (unread > 0) log.warn({ unread }, 'Some webhooks are not listed in the shape that GitHub describes; what they said is left to the sweep');
    yield attempts.map(({ delivered_at, ...attempt }) => ({ ...attempt, deliveredAt: new Date(delivered_at) }));
  }
}

/** What was sent, as JSON. GitHub gives it parsed, so its bytes may differ from those of the delivery. */
async function readBody({ appOctokit }: RedeliveryOptions, { id, guid, event }: Attempt, signal: AbortSignal): Promise<string> {
  const what = `GitHub did not give the webhook ${guid}`;
  const question = { what, route: 'GET /app/hook/deliveries/{delivery_id}', parameters: { delivery_id: id }, shape: deliveryShape };
  const delivery = await ask(appOctokit, question, signal);
  if (delivery.guid !== guid || delivery.event !== event) throw unreadable(what, 'it answered with another one');
  const { payload } = delivery.request;
  if (payload === null) throw new KosukeError({ code: 'github', fault: 'us', what, why: 'it has dropped what was sent', next: '' }, { retry: false });
  return JSON.stringify(payload);
}

function isLost(error: unknown): boolean {
  if (error instanceof KosukeError && !error.retry) return true;
  const refusal = refusalOf(error);
  return refusal !== null && [400, 404, 410, 422].includes(refusal.status);
}

const attemptShape = z.object({
  id: z.int().positive(),
  guid: z.string().regex(guidPattern),
  event: z.string().regex(eventPattern),
  action: z.string().nullable(),
  delivered_at: z.iso.datetime({ offset: true }),
});

const deliveryShape = z.object({
  guid: z.string(),
  event: z.string(),
  request: z.object({ payload: z.record(z.string(), z.unknown()).nullable() }),
});

/** Three hours of growing waits. */
const mostTries = 16;
/** Of 100 attempts each; what was missed before that is left to the sweep. */
const mostPages = 20;
const mostInARow = 3;
const attemptLimitMs = 5 * 60_000;
