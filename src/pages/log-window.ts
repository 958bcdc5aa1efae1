import type { StoredLine } from '../domain/deployment.ts';
import { isInHead, isInTail, sizeOfLine, type LogLimits } from '../domain/kept-log.ts';
import { createSteps, type BuildStep } from './steps.ts';

/** What is remembered of a log while it grows: its steps, its first lines and its last ones. Texts are as they came from outside. */
export type LogWindow = {
  /** Lines in order, with jumps where some were left out. */
  take(lines: readonly StoredLine[]): void;
  /** Number of the line that comes next. */
  next(): number;
  steps(): BuildStep[];
  /** First and last lines; what is between them, if anything, is left out. */
  head(): readonly StoredLine[];
  tail(): readonly StoredLine[];
  leftOut(): LeftOut | null;
};

/** How much of a log is left out between its first and its last lines. */
export type LeftOut = { lines: number; bytes: number };

export function createLogWindow(limits: { head: LogLimits; tail: LogLimits }): LogWindow {
  const steps = createSteps();
  const head: StoredLine[] = [];
  let tail: StoredLine[] = [];
  let last = { number: -1, end: 0 };

  const keep = (line: StoredLine): void => {
    if (isInHead(line, limits.head)) head.push(line);
    // Those before a jump are no longer the last ones.
    else if (line.number > last.number + 1) tail = [line];
    else tail.push(line);
    last = line;
  };

  return {
    take(lines) {
      for (const line of lines) {
        steps.take(line);
        keep(line);
      }
      const from = tail.findIndex((line) => isInTail(line, last, limits.tail));
      tail = from === -1 ? [] : tail.slice(from);
    },
    next: () => last.number + 1,
    steps: steps.list,
    head: () => head,
    tail: () => tail,
    leftOut() {
      const before = head.at(-1) ?? { number: -1, end: 0 };
      const [after] = tail;
      const gap = after === undefined ? { lines: last.number - before.number, bytes: last.end - before.end } : { lines: after.number - before.number - 1, bytes: after.end - sizeOfLine(after.text) - before.end };
      return gap.lines > 0 ? gap : null;
    },
  };
}
