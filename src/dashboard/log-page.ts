import { html } from 'hono/html';
import { stripAnsi } from '../domain/inert.ts';
import { logBlock } from '../pages/log-html.ts';
import type { LogWindow } from '../pages/log-window.ts';
import { renderPage } from '../pages/page.ts';
import { factList } from '../pages/parts.ts';
import { timeText } from '../pages/times.ts';
import { aboutLog, type AboutFacts } from './log-about.ts';

export type LogPageFacts = Omit<AboutFacts, 'steps'> & { log: LogWindow };

/** The log of one deployment: outcome, steps with times, output. While it is not over the page follows its events (`log-stream.ts`). */
export function logPage({ log, ...facts }: LogPageFacts): Promise<string> {
  const { deployment, preview, url, now } = facts;
  const about = aboutLog({ ...facts, steps: log.steps() });
  const main = html`<div data-part="outcome" role="status">${about.outcome}</div>
    ${factList([
      ['Repository', `${preview.project.owner}/${preview.project.name}`],
      preview.ref.kind === 'branch' ? ['Branch', stripAnsi(preview.ref.name)] : ['From', 'a fork'],
      ['Pull request', deployment.pullNumber === null ? null : `#${deployment.pullNumber}`],
      ['Commit', html`<code>${deployment.sha}</code>`],
      ['Since', timeText(deployment.createdAt)],
      ['Preview', url === null ? 'has no address while it does not run' : html`<a href="${url}">${new URL(url).host}</a>`],
    ])}
    <h2>Steps</h2>
    <div data-part="steps">${about.steps}</div>
    <h2>Log</h2>
    <p class="links"><a href="?format=text">Plain text</a> <a href="#end">To the end</a></p>
    ${log.next() === 0 ? html`<p class="quiet" data-none>Nothing has been written yet.</p>` : ''} ${logBlock(log)}
    <p class="quiet" data-lost hidden>The connection was lost. It is tried again by itself.</p>
    <div id="end"></div>`;
  return renderPage({ title: about.title, aside: preview.hostLabel, main, follow: about.isOver ? null : { how: 'log', next: log.next(), now } });
}
