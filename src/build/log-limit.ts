import type { LogLine } from '../domain/deployment.ts';

/** A log that stays bounded: its first lines as they come, and its last ones when it ends. */
export type LogLimit = {
  /** What of these lines of output is told now; `make` gives a text its place in the log. */
  take(texts: readonly string[], make: (text: string) => LogLine): LogLine[];
  /** What was held back, after a line that says how many are left out. `at`: its time in milliseconds since 1970. */
  end(at: number): LogLine[];
};

export type LogLimits = { lines: number; bytes: number };

/**
 * BuildKit limits the bytes that a step may write, not the lines nor the steps, and a build may write nothing but line ends. So the
 * first 10,000 lines or 512 KiB are told, then only the last 2,000 lines or 512 KiB are kept for the end.
 */
export function createLogLimit(head: LogLimits = { lines: 10_000, bytes: 512 * 1024 }, tail: LogLimits = { lines: 2_000, bytes: 512 * 1024 }): LogLimit {
  const told = { lines: 0, bytes: 0 };
  let isFull = false;
  let kept: LogLine[] = [];
  let keptBytes = 0;
  let leftOut = 0;

  const keep = (line: LogLine): void => {
    kept.push(line);
    keptBytes += sizeOf(line.text);
    while (kept.length > tail.lines || keptBytes > tail.bytes) {
      keptBytes -= sizeOf(kept.shift()!.text);
      leftOut += 1;
    }
  };

  return {
    take(texts, make) {
      const now: LogLine[] = [];
      let at = 0;
      for (; at < texts.length && !isFull; at++) {
        const text = texts[at]!;
        if (told.lines + 1 > head.lines || told.bytes + sizeOf(text) > head.bytes) {
          isFull = true;
          now.push(note(make('').at, 'The log is long: of what comes from here on, only the end is kept, and shown when the build is over'));
          break;
        }
        told.lines += 1;
        told.bytes += sizeOf(text);
        now.push(make(text));
      }
      // Of many lines at once only the last ones can stay: the others are counted and not looked at.
      const from = Math.max(at, texts.length - tail.lines);
      leftOut += from - at;
      for (const text of texts.slice(from)) keep(make(text));
      return now;
    },
    end(at) {
      const last = [...(leftOut === 0 ? [] : [note(new Date(at), `${leftOut.toLocaleString('en')} ${leftOut === 1 ? 'line is' : 'lines are'} left out here`)]), ...kept];
      kept = [];
      keptBytes = 0;
      leftOut = 0;
      return last;
    },
  };
}

function note(at: Date, text: string): LogLine {
  return { at, step: null, stream: 'note', text };
}

/** A line counts as at least its end. */
function sizeOf(text: string): number {
  return Buffer.byteLength(text) + 1;
}
