import { html } from 'hono/html';
import type { Deployment, DeploymentState } from '../domain/deployment.ts';
import { endedStates } from '../domain/deployment.ts';
import { stripAnsi } from '../domain/inert.ts';
import type { Preview } from '../domain/preview.ts';
import type { BuildLog } from '../pages/build-log.ts';
import { renderPage, type Html } from '../pages/page.ts';
import { factList, logBlock, stateLine, timelineList, type Tone } from '../pages/parts.ts';
import { timelineOf } from '../pages/timeline.ts';
import { timeText } from '../pages/times.ts';

export type LogPageFacts = {
  deployment: Deployment;
  preview: Preview;
  log: BuildLog;
  /** Address of the preview; `null` while it has none. */
  url: string | null;
  now: Date;
};

/** The log of one deployment: outcome, steps with times, output. It follows while the deployment is on its way. */
export function logPage(facts: LogPageFacts): Promise<string> {
  const { deployment, preview, log, now } = facts;
  const { tone, words, title } = outcomeOf(deployment);
  const hidden = log.count - log.lines.length;
  const main = html`${stateLine(tone, words)}
    <h1>${title}</h1>
    ${failureOf(deployment)}
    ${deployment.state === 'live' && facts.url !== null ? html`<p class="lead"><a href="${facts.url}">Open the preview</a></p>` : ''}
    ${factList([
      ['Repository', `${preview.project.owner}/${preview.project.name}`],
      preview.ref.kind === 'branch' ? ['Branch', stripAnsi(preview.ref.name)] : ['From', 'a fork'],
      ['Pull request', deployment.pullNumber === null ? null : `#${deployment.pullNumber}`],
      ['Commit', html`<code>${deployment.sha}</code>`],
      ['Since', timeText(deployment.createdAt)],
      ['Preview', facts.url === null ? 'has no address while it does not run' : html`<a href="${facts.url}">${new URL(facts.url).host}</a>`],
    ])}
    <h2>Steps</h2>
    ${timelineList(timelineOf(deployment, log.steps, now))}
    <h2>Log</h2>
    ${hidden > 0 ? html`<p class="quiet">The last ${log.lines.length} of ${log.count} lines.</p>` : ''}
    ${log.cut ? html`<p class="quiet">The log goes on after line ${log.count}, further than this page reads. The plain text has all of it.</p>` : ''}
    ${log.count === 0 ? html`<p class="quiet">Nothing has been written yet.</p>` : logBlock(log.lines)}
    ${log.count === 0 ? '' : html`<p class="links"><a href="?format=text">Plain text</a></p>`}`;
  const coming = tone === 'coming';
  return renderPage({
    title: `${title} · ${deployment.sha.slice(0, 7)} · ${preview.project.name}`,
    aside: preview.hostLabel,
    main,
    follow: endedStates.includes(deployment.state) ? null : { how: 'page', state: deployment.state, pause: coming ? 1500 : 10_000, progress: coming },
  });
}

function failureOf({ failure }: Deployment): Html | string {
  if (failure === null) return '';
  return html`<p class="lead">${stripAnsi(failure.what)}</p>
    ${[failure.why, failure.next].filter((text) => text !== '').map((text) => html`<p class="quiet">${stripAnsi(text)}</p>`)}`;
}

type Outcome = { tone: Tone; words: string; title: string };

/** A version that was live and whose container is stopped is `built` again. */
function outcomeOf({ state, readyAt }: Deployment): Outcome {
  return state === 'built' && readyAt !== null ? { tone: 'rest', words: 'stopped', title: 'At rest' } : outcomes[state];
}

const outcomes: Record<DeploymentState, Outcome> = {
  queued: { tone: 'coming', words: 'queued', title: 'Waiting for its turn' },
  building: { tone: 'coming', words: 'building', title: 'Building' },
  built: { tone: 'coming', words: 'built', title: 'Built, about to start' },
  starting: { tone: 'coming', words: 'starting', title: 'Starting' },
  live: { tone: 'live', words: 'live', title: 'Live' },
  superseded: { tone: 'rest', words: 'replaced', title: 'Replaced by a newer version' },
  failed: { tone: 'bad', words: 'failed', title: 'This version did not come up' },
  error: { tone: 'bad', words: 'error', title: 'We could not bring this up' },
  cancelled: { tone: 'rest', words: 'cancelled', title: 'Cancelled' },
  removed: { tone: 'rest', words: 'removed', title: 'Removed' },
};
