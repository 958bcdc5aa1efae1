import { html } from 'hono/html';
import { endedStates, type Deployment, type DeploymentState } from '../domain/deployment.ts';
import { stripAnsi } from '../domain/inert.ts';
import type { Preview } from '../domain/preview.ts';
import type { Html } from '../pages/page.ts';
import { stateLine, timelineList, type Tone } from '../pages/parts.ts';
import type { BuildStep } from '../pages/steps.ts';
import { timelineOf } from '../pages/timeline.ts';
import { spanText } from '../pages/times.ts';

export type AboutFacts = {
  deployment: Deployment;
  preview: Preview;
  steps: readonly BuildStep[];
  /** Address of the preview; `null` while it has none. */
  url: string | null;
  now: Date;
};

/** What a log's page says above the log, and what changes there while it is open. */
export type LogAbout = {
  /** Of the browser's tab. */
  title: string;
  state: DeploymentState;
  /** Whether nothing more will be written. */
  isOver: boolean;
  outcome: Html;
  steps: Html;
  /** The same as long as nothing but time passes. */
  key: string;
};

export function aboutLog({ deployment, preview, steps, url, now }: AboutFacts): LogAbout {
  const { tone, words, title } = outcomeOf(deployment);
  const timeline = timelineOf(deployment, steps, now);
  const { state, failure, retryAt } = deployment;
  return {
    title: `${title} · ${deployment.sha.slice(0, 7)} · ${preview.project.name}`,
    state,
    isOver: isOver(deployment),
    outcome: html`${stateLine(tone, words)}
      <h1>${title}</h1>
      ${failureOf(deployment, now)}
      ${state === 'live' && url !== null ? html`<p class="lead"><a href="${url}">Open the preview</a></p>` : ''}`,
    steps: timelineList(timeline),
    key: JSON.stringify([state, failure, retryAt, timeline.map((item) => (item.is === 'now' ? { ...item, ms: null } : item))]),
  };
}

/** `error` is tried again, `built` starts: both go on. */
function isOver({ state, readyAt }: Deployment): boolean {
  return state === 'live' || endedStates.includes(state) || (state === 'built' && readyAt !== null);
}

function failureOf({ failure, state, retryAt }: Deployment, now: Date): Html | string {
  if (failure === null) return '';
  const again = state === 'error' && retryAt !== null ? `It is tried again ${retryAt > now ? `in ${spanText(retryAt.getTime() - now.getTime())}` : 'now'}.` : '';
  return html`<p class="lead">${stripAnsi(failure.what)}</p>
    ${[failure.why, failure.next, again].filter((text) => text !== '').map((text) => html`<p class="quiet">${stripAnsi(text)}</p>`)}`;
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
