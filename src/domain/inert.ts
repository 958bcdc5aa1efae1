/**
 * Text from outside (log tails, titles, branch names) made harmless before it is shown. HTML is escaped by whoever writes HTML;
 * what stands here is for the rest: terminals' control sequences, Markdown fences, mentions, and sheer length.
 */

/**
 * Plain text of what a program wrote to a terminal: escape sequences and control characters gone (tab and line feed stay), a line
 * that was overwritten by carriage returns as it stood last, and no characters that reorder, hide or pretend: those that Unicode
 * says are not to be seen stay only where an emoji is made of them, and its own line separators become spaces. Well-formed, and linear
 * in its length.
 */
export function stripAnsi(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(escapeSequences, '')
    .split('\n')
    .map(lastOverwrite)
    .join('\n')
    .replaceAll(controls, '')
    .replaceAll(unseen, '')
    .replaceAll(/[\u2028\u2029]/g, ' ');
}

/**
 * JSON that means the same, in which nothing can steer a terminal or hide from who reads it: those characters are written as `\uXXXX`. (JSON
 * itself asks that only of the first 32.)
 */
export function plainJson(json: string): string {
  return json.replaceAll(notPlain, (character) => character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''));
}

/**
 * `cutToTail` of `stripAnsi`, for a text of any size: what is too far from the end to be shown is never looked at. It starts with `…`
 * also when only that was left out.
 */
export function plainTail(text: string, limits: { lines: number; characters: number }): string {
  const whole = text.trimEnd();
  const from = whole.length - rawPerShown * limits.characters;
  if (from <= 0) return cutToTail(stripAnsi(whole), limits);
  const line = whole.indexOf('\n', from);
  const end = line === -1 ? from + (isLowSurrogate(whole, from) ? 1 : 0) : line + 1;
  return cutToTail(`…\n${stripAnsi(whole.slice(end))}`, limits);
}

/** The first `characters` UTF-16 units, one less where that would cut a character in half. */
export function cutToHead(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return text.slice(0, isLowSurrogate(text, characters) ? characters - 1 : characters);
}

/** How many characters of raw text are read for one that is shown; the others are colours, overwritten lines, white space. */
export const rawPerShown = 8;

/** A Markdown code block around the text, with a fence longer than any run of backticks inside. Ends without a line feed. */
export function fence(text: string): string {
  let longest = 0;
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return `${ticks}\n${text}${text.endsWith('\n') ? '' : '\n'}${ticks}`;
}

/** The same to the eye, but GitHub notifies nobody: a zero-width space after each `@`. Doing it twice changes nothing more. */
export function breakMentions(text: string): string {
  return text.replaceAll(/@(?!\u200b)/g, '@\u200b');
}

/**
 * The end of a text: at most `lines` (2 or more) lines and `characters` UTF-16 units, without trailing white space. When something was cut, it starts with
 * a line that is just `…` (counted in both). A character is never cut in half.
 */
export function cutToTail(text: string, { lines, characters }: { lines: number; characters: number }): string {
  const whole = text.trimEnd();
  if (whole.length <= characters && whole.split('\n').length <= lines) return whole;
  let tail = whole.slice(Math.max(0, whole.length - Math.max(0, characters - 2)));
  if (isLowSurrogate(tail, 0)) tail = tail.slice(1);
  return `…\n${tail.split('\n').slice(1 - lines).join('\n')}`;
}

/* oxlint-disable no-control-regex -- control characters are what these look for */
/** CSI; OSC and its relatives up to their end or the line's; two- and three-byte escapes. */
export const escapeSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const notPlain = /[\u007f-\u009f\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2028\u2029\ufff9-\ufffb]/gu;
/* oxlint-enable no-control-regex */

/** All that is not to be seen, but for the joiner between two pictures (with a skin tone or not) and the mark that asks for a picture. */
const unseen =
  /(?!(?<=\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\ufe0f)[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu;

/** Loops, for a pattern that begins with any number of carriage returns tries each of them anew. */
function lastOverwrite(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
