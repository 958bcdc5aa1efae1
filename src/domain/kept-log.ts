export type LogLimits = { lines: number; bytes: number };

/**
 * How much of a deployment's log is kept and shown, over all its attempts: its first lines and its last ones. A line's size is the UTF-8 bytes of
 * its text and one for its end, so that empty lines are not for nothing.
 */
export const logHead: LogLimits = { lines: 10_000, bytes: 512 * 1024 };
export const logTail: LogLimits = { lines: 2_500, bytes: 512 * 1024 };

/** Where a line stands in its log. */
export type LogPlace = {
  /** 0 is the first line. */
  number: number;
  /** Sizes of all lines up to this one, itself and those that were left out included. */
  end: number;
};

export function sizeOfLine(text: string): number {
  return Buffer.byteLength(text) + 1;
}

/** Whether a line is one of the first. */
export function isInHead({ number, end }: LogPlace, { lines, bytes }: LogLimits = logHead): boolean {
  return number < lines && end <= bytes;
}

/** Whether a line is one of the last of a log that ends with the line at `last`. */
export function isInTail({ number, end, text }: LogPlace & { text: string }, last: LogPlace, { lines, bytes }: LogLimits = logTail): boolean {
  return number > last.number - lines && end - sizeOfLine(text) >= last.end - bytes;
}
