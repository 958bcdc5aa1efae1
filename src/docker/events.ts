import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { instanceFilter, labelKeys } from '../domain/labels.ts';
import type { EngineEvent } from '../reconcile/ports/engine.ts';
import { call } from './call.ts';
import type { Context } from './context.ts';

/**
 * Calls `onEvent` for starts, deaths and kills of our containers, once with `connected` each time the stream opens, and with `lost` when it ends: whoever listens
 * looks at everything then, for what happened in between is not told. Reconnects with growing waits; resolves when the signal ends.
 */
export async function watch(context: Context, onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<void> {
  let waitMs = firstWaitMs;
  let told = false;
  while (!signal.aborted) {
    try {
      const stream = await open(context, signal);
      waitMs = firstWaitMs;
      told = false;
      onEvent({ kind: 'connected' });
      try {
        await readEvents(stream, onEvent, signal);
      } finally {
        onEvent({ kind: 'lost' });
      }
      context.log.info('the stream of engine events ended, opening it again');
    } catch (error) {
      if (signal.aborted) return;
      if (!told) context.log.warn({ err: error }, 'no engine events, trying until they come');
      told = true;
    }
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

const firstWaitMs = 100;
const longestWaitMs = 5_000;

/** The time limit holds until the engine answers; the stream itself stays open. */
async function open(context: Context, signal: AbortSignal): Promise<Readable> {
  const filters = { type: ['container' as const], event: ['start', 'die', 'kill'], label: [instanceFilter(context.instance)] };
  const stream = await call('opening the stream of events', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.getEvents({ filters, abortSignal }),
  );
  return stream as Readable;
}

async function readEvents(stream: Readable, onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<void> {
  addAbortSignal(signal, stream);
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = line.trim() === '' ? null : parseEvent(line);
      if (event !== null) onEvent(event);
    }
  }
}

/** One line of the engine's event stream; `null` for what is no start, death or end by somebody of a preview's container. */
export function parseEvent(line: string): EngineEvent | null {
  const { Action: action, Actor: actor, timeNano } = JSON.parse(line) as { Action?: string; Actor?: { ID?: string; Attributes?: Record<string, string> }; timeNano?: number };
  const attributes = actor?.Attributes ?? {};
  if (action === 'kill') {
    if (!ending.has(attributes['signal'] ?? '') || actor?.ID === undefined || timeNano === undefined) return null;
    return { kind: 'kill', containerId: actor.ID, at: new Date(timeNano / 1e6) };
  }
  if (action !== 'start' && action !== 'die') return null;
  return { kind: action, previewId: Number(attributes[labelKeys.preview]), deploymentId: Number(attributes[labelKeys.deployment]) };
}

/** INT, QUIT, KILL and TERM, as the engine numbers them; others ask an app for something. */
const ending: ReadonlySet<string> = new Set(['2', '3', '9', '15']);
