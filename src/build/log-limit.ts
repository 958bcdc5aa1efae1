import type { LogLine } from '../domain/deployment.ts';
import { logHead, logTail, sizeOfLine, type LogLimits } from '../domain/kept-log.ts';

/** A log that stays bounded: its first lines as they come, and its last ones when it ends. */
export type LogLimit = {
  /** What of these lines of output is told now; `make` gives a text its place in the log. */
  take(texts: readonly string[], make: (text: string) => LogLine): LogLine[];
  /** A line that says where the build is. It is told now also when the log is long, as long as there are not too many of them. */
  mark(line: LogLine): LogLine[];
  /** What was held back, after a line that says how many are left out. `at`: its time in milliseconds since 1970. */
  end(at: number): LogLine[];
};

/**
 * BuildKit limits the bytes that a step may write, not the lines nor the steps, and a build may write nothing but line ends. So what fits into the first
 * part of the log that is kept is told; of the rest only as much is held as fits into the last part. Room is left for marks and for notes of ours.
 */
export function createLogLimit(head: LogLimits = less(logHead, 100, 8), marks: LogLimits = { lines: 300, bytes: 48 * 1024 }, tail: LogLimits = less(logTail, 500, 72)): LogLimit {
  const told = { lines: 0, bytes: 0 };
  const marked = { lines: 0, bytes: 0 };
  let isFull = false;
  let kept: LogLine[] = [];
  let keptBytes = 0;
  let leftOut = 0;

  const keep = (line: LogLine): void => {
    kept.push(line);
    keptBytes += sizeOfLine(line.text);
    while (kept.length > tail.lines || keptBytes > tail.bytes) {
      keptBytes -= sizeOfLine(kept.shift()!.text);
      leftOut += 1;
    }
  };

  const take: LogLimit['take'] = (texts, make) => {
    const now: LogLine[] = [];
    let at = 0;
    for (; at < texts.length && !isFull; at++) {
      const text = texts[at]!;
      if (!fits(told, head, text)) {
        isFull = true;
        now.push(note(make('').at, 'The log is long: of what comes from here on, only the end is kept, and shown when the build is over'));
        break;
      }
      now.push(make(text));
    }
    // Of many lines at once only the last ones can stay: the others are counted and not looked at.
    const from = Math.max(at, texts.length - tail.lines);
    leftOut += from - at;
    for (const text of texts.slice(from)) keep(make(text));
    return now;
  };

  return {
    take,
    mark: (line) => (isFull && fits(marked, marks, line.text) ? [line] : take([line.text], (text) => ({ ...line, text }))),
    end(at) {
      const last = [...(leftOut === 0 ? [] : [note(new Date(at), `${leftOut.toLocaleString('en')} ${leftOut === 1 ? 'line is' : 'lines are'} left out here`)]), ...kept];
      kept = [];
      keptBytes = 0;
      leftOut = 0;
      return last;
    },
  };
}

/** Counts the line when there is room for it. */
function fits(used: LogLimits, limit: LogLimits, text: string): boolean {
  if (used.lines + 1 > limit.lines || used.bytes + sizeOfLine(text) > limit.bytes) return false;
  used.lines += 1;
  used.bytes += sizeOfLine(text);
  return true;
}

function less({ lines, bytes }: LogLimits, fewerLines: number, fewerKib: number): LogLimits {
  return { lines: lines - fewerLines, bytes: bytes - fewerKib * 1024 };
}

function note(at: Date, text: string): LogLine {
  return { at, step: null, stream: 'note', text };
}
