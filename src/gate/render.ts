import { html } from 'hono/html';
import { plainTail, stripAnsi } from '../domain/inert.ts';
import { renderPage } from '../pages/page.ts';
import { factList, stateLine, textBlock, timelineList } from '../pages/parts.ts';
import { spanText, timeText } from '../pages/times.ts';
import { aboutOf } from './find.ts';
import type { GateStatus } from './status.ts';
import type { View, ViewFacts } from './view.ts';

/** The page for a browser. */
export function htmlOf(view: View, facts: ViewFacts): Promise<string> {
  const main = html`${stateLine(view.tone, view.words)}
    <h1>${view.title}</h1>
    <p class="lead">${stripAnsi(view.lead)}</p>
    ${view.more.map((text) => html`<p class="quiet">${stripAnsi(text)}</p>`)}
    ${view.command === null ? '' : html`<div class="command"><code>${view.command}</code></div>`}
    ${view.tail === null ? '' : html`<h2>The end of the log</h2>${textBlock(tailOf(view.tail))}`}
    ${view.timeline.length === 0 ? '' : html`<h2>Steps</h2>${timelineList(view.timeline)}`}
    ${view.links.length === 0 ? '' : html`<p class="links">${view.links.map(({ text, url }) => html`<a href="${url}">${text}</a> `)}</p>`}
    ${factsOf(facts)}`;
  const comes = view.tone === 'coming';
  const pause = !comes ? 10_000 : facts.state === 'running' ? 1000 : 1500;
  const follow = { how: 'preview' as const, state: facts.state, pause, progress: comes };
  return renderPage({ title: `${view.title} · ${facts.host}`, aside: facts.host, main, follow });
}

/** The same for a terminal. */
export function textOf(view: View, facts: ViewFacts): string {
  const steps = view.timeline.map((item) => {
    const time = item.cached ? 'cached' : item.ms === null ? '' : spanText(item.ms);
    return `${item.inner ? '    ' : '  '}${item.name}${time === '' ? '' : `  ${time}`}${item.is === 'now' ? ' …' : item.is === 'failed' ? ' failed' : ''}`;
  });
  const parts = [
    `${view.title}: ${facts.host}`,
    [view.lead, ...view.more].join('\n'),
    view.command === null ? '' : `  ${view.command}`,
    steps.join('\n'),
    view.tail === null ? '' : tailOf(view.tail).replaceAll(/^/gm, '  | '),
    view.links.map(({ text, url }) => `${text}: ${url}`).join('\n'),
  ];
  return `${stripAnsi(parts.filter((part) => part !== '').join('\n\n'))}\n`;
}

/** The same for a program: the status and the words. */
export function jsonOf(view: View, status: GateStatus): object {
  return { ...status, title: view.title, message: [view.lead, ...view.more].map(stripAnsi).join(' ') };
}

function factsOf({ found, now }: ViewFacts) {
  if (found === null) return '';
  const { preview, live } = found;
  const about = aboutOf(found);
  const pull = preview.pulls[0];
  return factList([
    ['Repository', stripAnsi(`${preview.project.owner}/${preview.project.name}`)],
    preview.ref.kind === 'branch' ? ['Branch', stripAnsi(preview.ref.name)] : ['From', 'a fork'],
    ['Pull request', pull === undefined ? null : stripAnsi(`#${pull.number} ${pull.title}`)],
    ['Commit', about === null ? null : html`<code>${about.sha.slice(0, 10)}</code>`],
    ['Last live', live === null || live.id === about?.id ? null : html`<code>${live.sha.slice(0, 10)}</code>`],
    ['As of', timeText(now)],
  ]);
}

function tailOf(raw: string): string {
  return plainTail(raw, { lines: 40, characters: 8000 });
}
