import { stripAnsi } from '../domain/inert.ts';
import { oneLine } from '../domain/markdown.ts';
import type { LogPart, PreviewRow, SweepPlanResult, SweepResult } from './operations.ts';
import { tableText } from './table.ts';

/**
 * The list of previews for a terminal of `width` columns, or for a pipe (`null`). An address that does not name its preview, as a port
 * does not, has a column of its own.
 */
export function previewsText(rows: readonly PreviewRow[], width: number | null): string {
  if (rows.length === 0 && width !== null) return 'There are no previews.\n';
  const named = rows.every(({ url, hostLabel }) => url !== null && new URL(url).hostname.startsWith(`${hostLabel}.`));
  const heads = [...(named ? ['PREVIEW'] : ['PREVIEW', 'ADDRESS']), 'STATE', 'VERSION', 'REPOSITORY', 'BRANCH'];
  const first = ({ hostLabel, url }: PreviewRow) => (named && url !== null ? [url] : [hostLabel, url ?? '-']);
  return tableText(heads, rows.map((row) => [...first(row), stateOf(row), versionOf(row), row.repository, refOf(row)]), width);
}

/** Below the list on a terminal: what failed each time, why, and what takes it up again. */
export function setAsideText(rows: readonly PreviewRow[], webhooks: readonly { event: string; error: string }[]): string {
  const previews = rows.flatMap(({ hostLabel, setAside }) =>
    setAside === null ? [] : [`${hostLabel} is set aside and tried once an hour: ${oneLine(setAside, 300)} \`npx kosuke-preview redeploy ${hostLabel}\` takes it up again.`],
  );
  const [last] = webhooks;
  const many = webhooks.length === 1 ? 'A webhook was' : `${webhooks.length} webhooks were`;
  const told = last === undefined ? [] : [`${many} set aside, the last (${oneLine(last.event, 50)}) because: ${oneLine(last.error, 300)}. The sweep makes up for it.`];
  return [...previews, ...told].map((line) => `${stripAnsi(line)}\n`).join('');
}

/** One preview after a command that changed it. */
export function previewText(row: PreviewRow): string {
  return stripAnsi(`${row.hostLabel} is ${stateOf(row)}.${row.url === null ? '' : ` ${row.url}`}\n`);
}

export function logText(lines: LogPart['lines']): string {
  return lines.map((line) => `${stripAnsi(line.text)}\n`).join('');
}

export function sweepText({ looked, kicked, requests, free, problems }: SweepResult): string {
  const found = `Looked at ${looked} ${looked === 1 ? 'preview' : 'previews'}; ${kicked} of them ${kicked === 1 ? 'is' : 'are'} looked up at GitHub.`;
  const cost = `It took ${requests} ${requests === 1 ? 'request' : 'requests'} to GitHub, ${free} of them free.`;
  return [found, cost, ...problems.map((problem) => stripAnsi(problem))].map((line) => `${line}\n`).join('');
}

/** What a sweep would do, a line each; on a terminal a sentence says so when that is nothing. */
export function sweepPlanText({ looked, steps }: SweepPlanResult, width: number | null): string {
  if (steps.length === 0 && width !== null) return `Nothing would be done: ${looked} ${looked === 1 ? 'preview is as it' : 'previews are as they'} should be.\n`;
  return tableText(['PREVIEW', 'REPOSITORY', 'BRANCH', 'WOULD'], steps.map(({ subject, repository, ref, plan }) => [subject, repository || '-', ref || '-', plan.join(', ')]), width);
}

/** `running`, or `running (building)` while a newer version is on its way. */
function stateOf({ state, live, latest, setAside }: PreviewRow): string {
  const newer = live !== null && latest !== null && latest.deployment !== live.deployment ? ` (${latest.state})` : '';
  return `${state.replaceAll('_', ' ')}${newer}${setAside === null ? '' : ' (set aside)'}`;
}

function versionOf({ live, latest }: PreviewRow): string {
  const shown = live ?? latest;
  return shown === null ? '-' : shown.sha.slice(0, 7);
}

function refOf({ ref, pulls }: PreviewRow): string {
  return pulls.length === 0 ? ref : `${ref} (${pulls.map((pull) => `#${pull}`).join(', ')})`;
}
