/**
 * Text from outside (log tails, titles, branch names) made harmless before it is shown. HTML is escaped by whoever writes HTML;
 * what stands here is for the rest: terminals' control sequences, Markdown fences, mentions, and sheer length.
 */

/**
 * Plain text of what a program wrote to a terminal: escape sequences and control characters gone (tab and line feed stay), a line
 * that was overwritten by carriage returns as it stood last, and no characters that reorder or hide text. Linear in its length.
 */
export function stripAnsi(text: string): string {
  return text
    .replaceAll(sequences, '')
    .replaceAll(/\r+\n/g, '\n')
    .split('\n')
    .map(lastOverwrite)
    .join('\n')
    .replaceAll(controls, '');
}

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
  const all = whole.split('\n');
  let tail = all.length > lines ? all.slice(all.length - Math.max(0, lines - 1)).join('\n') : whole;
  const cut = tail.length < whole.length;
  const room = characters - (cut ? 2 : 0);
  if (tail.length <= room) return cut ? `…\n${tail}` : tail;
  tail = tail.slice(tail.length - Math.max(0, characters - 2));
  if (/^[\udc00-\udfff]/.test(tail)) tail = tail.slice(1);
  return `…\n${tail}`;
}

/* oxlint-disable no-control-regex -- control characters are what these look for */
/** CSI; OSC and its relatives up to their end or the line's; two- and three-byte escapes. */
const sequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/* oxlint-enable no-control-regex */

function lastOverwrite(line: string): string {
  const shown = line.replace(/\r+$/, '');
  return shown.slice(shown.lastIndexOf('\r') + 1);
}
