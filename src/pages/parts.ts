import { html } from 'hono/html';
import type { Html } from './page.ts';
import type { TimelineItem } from './timeline.ts';
import { spanText } from './times.ts';

/** How a state looks: on its way, there, wrong, or at rest. */
export type Tone = 'coming' | 'live' | 'bad' | 'rest';

/** The line above a heading that names the state. */
export function stateLine(tone: Tone, words: string): Html {
  return html`<p class="state ${tone}"><i></i>${words}</p>`;
}

/** Pairs of name and value; a pair without a value is left out. */
export function factList(facts: readonly (readonly [string, Html | string | null])[]): Html {
  const rows = facts.filter((fact): fact is [string, Html | string] => fact[1] !== null);
  return html`<dl>
    ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** The steps of a deployment with their times. */
export function timelineList(items: readonly TimelineItem[]): Html {
  return html`<ol>
    ${items.map(
      (item) => html`<li class="${item.is}${item.inner ? ' inner' : ''}">
        <span class="mark" aria-hidden="true">${mark(item)}</span><span class="name">${item.name}</span>
        <span class="time" ${item.since === null ? '' : html`data-since="${item.since.getTime()}"`}>${timeOf(item)}</span>
      </li>`,
    )}
  </ol>`;
}

/** Text in a fixed-width box, e.g. the end of a log. */
export function textBlock(text: string): Html {
  return html`<pre>${text}</pre>`;
}

function mark(item: TimelineItem): Html | string {
  if (item.is === 'now') return html`<i></i>`;
  return { done: '✓', failed: '✕', next: '·' }[item.is];
}

function timeOf(item: TimelineItem): string {
  if (item.cached) return 'cached';
  if (item.ms === null) return '';
  return item.is === 'now' ? `${spanText(item.ms)} …` : spanText(item.ms);
}
