import type { Deployment } from '../domain/deployment.ts';
import type { FailureCode } from '../domain/errors.ts';
import type { Preview } from '../domain/preview.ts';
import type { LogWindow } from '../pages/log-window.ts';
import type { View } from './view.ts';

/** What a page says of a version that did not come up: what, why, what to do next, and the end of its log. */
export function failedText(deployment: Deployment | null, log: LogWindow | null): Pick<View, 'title' | 'lead' | 'more' | 'tail'> {
  const failure = deployment?.failure ?? null;
  if (failure === null) return { title: 'This version did not come up', lead: 'Its log says more.', more: [], tail: tailOf(log) };
  const title = failure.fault === 'us' ? 'We could not bring this up' : ofBuild.has(failure.code) ? 'The build failed' : 'The app did not start';
  return {
    title,
    lead: sentence(failure.what),
    more: [failure.why, failure.next].filter((text) => text !== '').map(sentence),
    tail: failure.logTail ?? (ofBuild.has(failure.code) ? tailOf(log) : null),
  };
}

/** What a page says of an app that ended again and again. */
export function crashedText(preview: Preview, live: Deployment | null): Pick<View, 'title' | 'lead' | 'more' | 'tail'> {
  const code = live?.exitCode ?? null;
  const times = preview.crashCount > 1 ? `It was started again and ended ${preview.crashCount} times` : 'It ended';
  const failure = live?.failure ?? null;
  return {
    title: 'The app crashed',
    lead: `${times}${code === null ? '' : `, ${preview.crashCount > 1 ? 'the last time ' : ''}with exit code ${code}`}.`,
    more: [failure?.why ?? '', failure?.next ?? '', 'A push or a redeploy starts it anew.'].filter((text) => text !== '').map(sentence),
    tail: failure?.logTail ?? null,
  };
}

const ofBuild: ReadonlySet<FailureCode> = new Set<FailureCode>(['no-dockerfile', 'build-failed', 'build-timeout', 'syntax-directive', 'reserved-labels', 'too-large', 'too-many-ports']);

function tailOf(log: LogWindow | null): string | null {
  const lines = log?.tail() ?? [];
  return lines.length === 0 ? null : lines.map(({ text }) => text).join('\n');
}

/** With its full stop, which `Failure` leaves out. */
function sentence(text: string): string {
  return /[.!?…:]$/.test(text.trimEnd()) ? text : `${text}.`;
}
