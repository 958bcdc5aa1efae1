import { html, raw } from 'hono/html';
import type { StoredLine } from '../domain/deployment.ts';
import { piecesOf } from './ansi.ts';
import { linesPerBlock } from './log-script.ts';
import type { LogWindow } from './log-window.ts';
import type { Html } from './page.ts';

/** A log as it is read: steps stand out, our own notes stand back, and where lines are left out it says how many. */
export function logBlock(log: Pick<LogWindow, 'head' | 'tail' | 'leftOut'>): Html {
  const leftOut = log.leftOut()?.lines ?? 0;
  return html`<div class="log">
    <div class="head">${blocks(log.head())}</div>
    <p class="gap" data-lines="${leftOut}" ${leftOut === 0 ? 'hidden' : ''}>${leftOutText(leftOut)}</p>
    <div class="tail">${blocks(log.tail())}</div>
  </div>`;
}

export function leftOutText(lines: number): string {
  return `${lines.toLocaleString('en')} ${lines === 1 ? 'line is' : 'lines are'} left out here`;
}

/** Put together by hand: a template for each of ten thousand lines takes seconds. */
function blocks(lines: readonly StoredLine[]): ReturnType<typeof raw> {
  let text = '';
  for (let at = 0; at < lines.length; at += linesPerBlock) {
    text += `<div class="block">${lines.slice(at, at + linesPerBlock).map(lineHtml).join('')}</div>`;
  }
  return raw(text);
}

function lineHtml({ stream, text }: StoredLine): string {
  const pieces = piecesOf(text).map((piece) => (piece.look === '' ? escaped(piece.text) : `<span class="${piece.look}">${escaped(piece.text)}</span>`));
  return `<div class="${escaped(stream)}">${pieces.join('')}</div>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
