import { resolve } from 'node:path';
import { parseBytes, parseDuration } from '../domain/units.ts';

/**
 * Turns the text of one variable into its value. `problem` continues a sentence that begins with the variable's name, and says
 * what to set ("is not a port. Set it to a number from 1 to 65535."). It never repeats the text: that may be a secret.
 */
export type Parser<T> = (text: string) => Parsed<T>;
export type Parsed<T> = { value: T } | { problem: string };

export const anyText: Parser<string> = (text) => ({ value: text });

export const path: Parser<string> = (text) => ({ value: resolve(text) });

export function oneOf<T extends string>(...choices: T[]): Parser<T> {
  const problem = `is none of the possible values. Set it to one of: ${choices.join(', ')}.`;
  return (text) => {
    const value = choices.find((choice) => choice === text);
    return value === undefined ? { problem } : { value };
  };
}

export const flag: Parser<boolean> = (text) => {
  if (text === 'true') return { value: true };
  return text === 'false' ? { value: false } : { problem: 'is neither true nor false. Set it to one of the two.' };
};

export function wholeNumber(from: number, to: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return { value };
    return { problem: `is not a whole number from ${from} to ${to}. Set it to one.` };
  };
}

export const port: Parser<number> = (text) => {
  const parsed = wholeNumber(1, 65_535)(text);
  return 'value' in parsed ? parsed : { problem: 'is not a port. Set it to a number from 1 to 65535.' };
};

export const cpus: Parser<number> = (text) => {
  const value = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0.01 ? { value } : { problem: 'is not a number of CPUs. Set it to a number of at least 0.01, for example 0.5 or 2.' };
};

/** Bytes, at least `least` of them. */
export function bytes(least: number, leastText: string): Parser<number> {
  return (text) => {
    const value = parseBytes(text);
    if (value !== null && value >= least) return { value };
    return { problem: `is not an amount of at least ${leastText}. Set it to a number with b, k, m or g, for example 512m or 2g.` };
  };
}

/** `none` is Infinity. */
export function noneOr(parse: Parser<number>): Parser<number> {
  return (text) => {
    if (text === 'none') return { value: Infinity };
    const parsed = parse(text);
    return 'value' in parsed ? parsed : { problem: `${parsed.problem.replace(/\.$/, '')}, or to none.` };
  };
}

/** Milliseconds; `never` is Infinity. */
export const durationOrNever: Parser<number> = (text) => {
  const value = parseDuration(text);
  if (value !== null && value > 0) return { value };
  return { problem: `is not a duration above zero. ${durationHint}, or never.` };
};

/** Milliseconds of something that must come to an end. */
export const duration: Parser<number> = (text) => {
  const value = parseDuration(text);
  if (value !== null && value > 0 && value <= longestTimer) return { value };
  return { problem: `is not a duration above zero and up to 24d. ${durationHint}.` };
};

const durationHint = 'Set it to a number with ms, s, m, h or d, for example 30s or 5m';
/** A timer of Node beyond 2^31 - 1 ms fires at once. */
const longestTimer = 24 * 86_400_000;
