import type { StoredLine } from '../domain/deployment.ts';
import { logTail, sizeOfLine } from '../domain/kept-log.ts';
import { piecesOf } from '../pages/ansi.ts';
import type { LogWindow } from '../pages/log-window.ts';
import { createBell } from '../reconcile/bell.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import { aboutLog, type AboutFacts, type LogAbout } from './log-about.ts';
import type { LogWatch } from './log-watch.ts';
import { eventText, heartbeatText, retryText } from './sse.ts';

export type LogStreamOptions = Pick<AboutFacts, 'preview'> & {
  /** Address of the preview at that time; `null` while it has none. */
  url: () => Promise<string | null>;
  deploymentId: number;
  /** Number of the first line that the client lacks. */
  from: number;
  watch: LogWatch;
  clock: Clock;
  /** Ends the stream; the client comes again. */
  stop: AbortSignal;
  /** Called when the log can be read no more. */
  onError: (error: unknown) => void;
};

/**
 * A deployment's log as server-sent events, until it is over:
 *
 * | event   | data                                                                                          |
 * |---------|-----------------------------------------------------------------------------------------------|
 * | `lines` | `{ side: 'head' or 'tail', lines: [number, stream, pieces][] }`; a piece is text, or `[look, text]` (pages/ansi.ts) |
 * | `about` | `{ title, state, now, parts: { outcome, steps } }`, the parts as HTML, when they changed       |
 * | `end`   | the same and `url`, the address of the preview: the outcome; nothing follows                   |
 * | `anew`  | `{}`: the client is further than the log, which was lost in part; it begins anew               |
 *
 * The id of `lines` is the number of the next line. Where numbers jump, lines were left out. After 512 KiB of lines that are none of the first, the next ones
 * come when it is over, and then only the last. When as many watch as may, the stream ends after what is there
 * now, and the client looks again a little later. Nothing is made before the client takes it, so that a slow one costs one event of at most 64 KiB or so.
 */
export function logStream(options: LogStreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const stop = AbortSignal.any([gone.signal, options.stop]);
  const texts = eventTexts(options, stop);
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await texts.next();
          // Whoever left has closed it already.
          if (gone.signal.aborted) return;
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        } catch (error) {
          if (gone.signal.aborted) return;
          options.onError(error);
          controller.close();
        }
      },
      async cancel() {
        gone.abort();
        await texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* eventTexts(options: LogStreamOptions, stop: AbortSignal): AsyncGenerator<string, void> {
  const { watch, clock, deploymentId } = options;
  const bell = createBell();
  const watching = stop.aborted ? null : watch.watch(deploymentId, bell);
  try {
    yield retryText(watching === null ? lookAgainMs : retryMs);
    let { from: next } = options;
    let known = '';
    let sent = 0;
    let heartbeatAt = 0;
    for (;;) {
      const seen = await (watching === null ? watch.look(deploymentId) : watching.seen());
      if (next > seen.log.next()) return yield eventText({ name: 'anew', id: null, data: {} });
      const now = clock.now();
      const url = seen.deployment.state === 'live' ? await options.url() : null;
      const about = aboutLog({ ...options, ...seen, url, steps: seen.log.steps(), now });
      for (let part = partFrom(seen.log, next); part !== null && !stop.aborted; part = partFrom(seen.log, next)) {
        if (part.side === 'tail' && sent >= logTail.bytes && !about.isOver) break;
        if (part.side === 'tail') sent += part.lines.reduce((sum, { text }) => sum + sizeOfLine(text), 0);
        next = part.lines.at(-1)!.number + 1;
        heartbeatAt = now.getTime() + heartbeatMs;
        yield partText(part, next);
      }
      if (stop.aborted) return;
      if (about.isOver) return yield await aboutText('end', about, now, { url });
      if (about.key !== known) {
        known = about.key;
        yield await aboutText('about', about, now);
      } else if (now.getTime() >= heartbeatAt) {
        yield heartbeatText;
      } else {
        if (watching === null) return;
        await bell.wait(clock, heartbeatAt - now.getTime(), stop);
        continue;
      }
      heartbeatAt = now.getTime() + heartbeatMs;
    }
  } finally {
    watching?.end();
  }
}

type Part = { side: 'head' | 'tail'; lines: readonly StoredLine[] };

/** What fits into one event, at least a line; null when there is nothing. */
function partFrom(log: LogWindow, next: number): Part | null {
  for (const [side, all] of [['head', log.head()], ['tail', log.tail()]] as const) {
    const at = Math.max(0, next - (all[0]?.number ?? 0));
    if (at >= all.length) continue;
    const lines = all.slice(at, at + mostLines);
    let size = 0;
    const tooMuch = lines.findIndex(({ text }) => (size += text.length) > mostCharacters);
    return { side, lines: tooMuch === -1 ? lines : lines.slice(0, Math.max(1, tooMuch)) };
  }
  return null;
}

function partText({ side, lines }: Part, next: number): string {
  const told = lines.map(({ number, stream, text }) => [number, stream, piecesOf(text).map((piece) => (piece.look === '' ? piece.text : [piece.look, piece.text]))]);
  return eventText({ name: 'lines', id: next, data: { side, lines: told } });
}

async function aboutText(name: 'about' | 'end', { title, state, outcome, steps }: LogAbout, now: Date, more: object = {}): Promise<string> {
  const parts = { outcome: (await outcome).toString(), steps: (await steps).toString() };
  return eventText({ name, id: null, data: { title, state, ...more, now: now.getTime(), parts } });
}

const retryMs = 1_000;
/** For whom there is no place among those who watch. */
const lookAgainMs = 5_000;
const heartbeatMs = 15_000;
const mostLines = 300;
const mostCharacters = 32 * 1024;
