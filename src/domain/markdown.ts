import { hideCredentials } from './credentials.ts';
import { breakMentions, cutToHead, fence, plainTail, rawPerShown, stripAnsi } from './inert.ts';

/**
 * One line of Markdown that shows `text` as it is: no heading, list, HTML, table cell, link, mention or reference comes of it.
 * Only pairs of backticks keep their meaning. White space is collapsed; beyond `limit` characters it ends in `…`.
 */
export function prose(text: string, limit = 1000): string {
  const line = oneLine(text, limit);
  const parts = line.split(/`([^`]+)`/);
  return parts.map((part, index) => (index % 2 === 1 ? codeSpan(part) : escaped(part))).join('');
}

/** The same without code spans, for the cell of a table. */
export function plain(text: string, limit: number): string {
  return escaped(oneLine(text, limit));
}

/** `text` in a code span that it cannot end. White space is collapsed; `''` stays `''`. */
export function codeSpan(text: string, limit = 300): string {
  const line = oneLine(text, limit);
  if (line === '') return '';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const ticks = '`'.repeat(longest + 1);
  const padding = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${padding}${breakMentions(line)}${padding}${ticks}`;
}

/** A link; `markdown` is what it shows and must be inert already. */
export function link(markdown: string, url: string): string {
  return `[${markdown}](${url.replaceAll(/[\s()<>|\\`]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)})`;
}

/** The end of a log without credentials, folded away under `summary` (which must be inert already). */
export function foldedLog(summary: string, log: string): string {
  const tail = plainTail(hideCredentials(log), { lines: 60, characters: 8000 });
  return `<details><summary>${summary}</summary>\n\n${fence(breakMentions(tail))}\n\n</details>`;
}

/**
 * Without control sequences, white space collapsed, at most `limit` characters (UTF-16 units), none cut in half. Of a text that is much
 * longer than that only the beginning is looked at.
 */
export function oneLine(text: string, limit: number): string {
  const raw = cutToHead(text, rawPerShown * limit + 1000);
  const line = stripAnsi(raw).replaceAll(/\s+/g, ' ').trim();
  if (line.length <= limit && raw.length === text.length) return line;
  return `${cutToHead(line, limit - 1).trimEnd()}…`;
}

function escaped(text: string): string {
  return breakMentions(text)
    .replaceAll(/:\/\//g, ':\u200b//')
    .replaceAll(/(www)\./gi, '$1\u200b.')
    .replaceAll(/#(?=\d)/g, '#\u200b')
    .replaceAll(/\b(gh)-(?=\d)/gi, '$1\u200b-')
    .replaceAll(/[\\`*_{}[\]<>#|~&$!]/g, '\\$&')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2')
    .replace(/^[-+=]/, '\\$&');
}
