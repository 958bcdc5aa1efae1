import { escapeSequences, stripAnsi } from '../domain/inert.ts';

/** A stretch of a line in one look. `look`: names of classes from `lookNames`, in order, with spaces between; empty for plain text. */
export type Piece = { look: string; text: string };

/**
 * All the looks there are: bold, dim, italic, underlined, struck through; six colours of text, and seven backgrounds, on which the text has
 * the colour of paper. A program chooses among these and can make nothing unreadable.
 */
export const lookNames = [
  'b', 'd', 'i', 'u', 's',
  'c1', 'c2', 'c3', 'c4', 'c5', 'c6',
  'g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'g7',
] as const;

/**
 * One line of what a program wrote to a terminal, cut where its look changes. Only colours and weights (SGR) mean anything; every other escape
 * or control is gone as by `stripAnsi`, whose text this is, but that an emoji which changes its look within falls apart. A line starts plain, whatever
 * the one before ended with: it may be the first that is shown. Linear in its length.
 */
export function piecesOf(line: string): Piece[] {
  const raw = cutByLook(line.toWellFormed());
  const [start, end] = lastOverwrite(raw.map(({ text }) => text).join(''));
  const pieces: Piece[] = [];
  let at = 0;
  for (const { look, text } of raw) {
    const plain = stripAnsi(text.slice(Math.max(0, start - at), Math.max(0, end - at)));
    at += text.length;
    const last = pieces.at(-1);
    if (last !== undefined && (last.look === look || pieces.length === mostPieces)) last.text += plain;
    else if (plain !== '') pieces.push({ look, text: plain });
  }
  return pieces;
}

/** After so many changes of look in one line, its rest stays as it is. */
const mostPieces = 100;

/** `text` and `ground` are colours from 0 to 7 as SGR counts them; black, 0, is as good as none. 8 is bright black, by which programs write what stands back. */
type Style = { weights: readonly string[]; text: number; ground: number; inverse: boolean };

const plainStyle: Style = { weights: [], text: 0, ground: 0, inverse: false };

/** Without escape sequences, and with nothing else done to it. */
function cutByLook(line: string): Piece[] {
  const pieces: Piece[] = [];
  let style = plainStyle;
  let from = 0;
  for (const { 0: sequence, index } of line.matchAll(escapeSequences)) {
    if (index > from) pieces.push({ look: lookOf(style), text: line.slice(from, index) });
    from = index + sequence.length;
    const codes = codesIn(sequence);
    if (codes !== null) style = styleAfter(style, codes);
  }
  if (from < line.length) pieces.push({ look: lookOf(style), text: line.slice(from) });
  return pieces;
}

/** What stands between `ESC [` (or its one-character form) and `m`; null when it is another sequence. */
function codesIn(sequence: string): string | null {
  const rest = sequence.startsWith('\u001b[') ? sequence.slice(2) : sequence.startsWith('\u009b') ? sequence.slice(1) : '';
  return /^([\d;:]{0,100})m$/.exec(rest)?.[1] ?? null;
}

function lookOf({ weights, text, ground, inverse }: Style): string {
  const on = inverse ? (text % 8) || 7 : ground;
  const colour = on > 0 ? [`g${on}`] : text === 8 ? ['d'] : text > 0 && text < 7 ? [`c${text}`] : [];
  return [...new Set([...weights, ...colour])].toSorted().join(' ');
}

/** What is not known changes nothing. */
function styleAfter(before: Style, codes: string): Style {
  let style = before;
  const left = codes.split(/[;:]/).map(Number);
  while (left.length > 0) {
    const code = left.shift()!;
    if (code === 38 || code === 48) style = { ...style, [code === 38 ? 'text' : 'ground']: extendedColour(left) };
    else style = styleWith(style, code);
  }
  return style;
}

function styleWith(style: Style, code: number): Style {
  const weight = weightCodes[code];
  if (weight !== undefined) return withWeight(style, weight);
  const ends = weightEnds[code];
  if (ends !== undefined) return withoutWeights(style, ends);
  if (code === 0) return plainStyle;
  if (code === 7 || code === 27) return { ...style, inverse: code === 7 };
  if (code === 39) return { ...style, text: 0 };
  if (code === 49) return { ...style, ground: 0 };
  const [tens, units] = [code - (code % 10), code % 10];
  if (units > 7) return style;
  if (code === 90) return { ...style, text: 8 };
  if (tens === 30 || tens === 90) return { ...style, text: units };
  if (tens === 40 || tens === 100) return { ...style, ground: units };
  return style;
}

function withWeight(style: Style, weight: string): Style {
  return { ...style, weights: [...new Set([...style.weights, weight])] };
}

function withoutWeights(style: Style, gone: readonly string[]): Style {
  return { ...style, weights: style.weights.filter((weight) => !gone.includes(weight)) };
}

const weightCodes: Readonly<Record<number, string>> = { 1: 'b', 2: 'd', 3: 'i', 4: 'u', 9: 's' };
const weightEnds: Readonly<Record<number, readonly string[]>> = { 22: ['b', 'd'], 23: ['i'], 24: ['u'], 29: ['s'] };

/** `5;<n>` or `2;<r>;<g>;<b>`, taken off the codes that are left: the nearest of the eight. */
function extendedColour(left: number[]): number {
  const kind = left.shift();
  if (kind === 2) return nearest(left.splice(0, 3));
  if (kind !== 5) return 0;
  const n = left.shift() ?? 0;
  if (n < 16) return n % 8;
  if (n > 231) return n > 243 ? 7 : 0;
  const cube = n - 16;
  return nearest([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]);
}

/** Red is 1, green 2, blue 4; a channel counts when it is more than half as strong as the strongest. */
function nearest(channels: readonly number[]): number {
  const strongest = Math.max(...channels);
  return channels.reduce((sum, value, at) => sum + (value > strongest / 2 ? 2 ** at : 0), 0);
}

/** From where to where the line stands as it was overwritten last; see `stripAnsi`. */
function lastOverwrite(line: string): [start: number, end: number] {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return [line.lastIndexOf('\r', end - 1) + 1, end];
}
