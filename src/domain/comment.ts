import type { CommentFacts } from './comment/facts.ts';
import { nothingBecause } from './comment/nothing.ts';
import { stateText } from './comment/state-text.ts';
import { updatedAt, utc } from './comment/times.ts';
import { commitLink, versionParagraphs } from './comment/versions.ts';
import { link, plain } from './markdown.ts';

export type { CommentEnding, CommentFacts } from './comment/facts.ts';

/** By this line, and by our App as the author, our comment is known among the others of a pull request. */
export const commentMarker = '<!-- kosuke-preview -->';

/**
 * The one comment on a pull request, in Markdown: a table of app, state, address, commit and time, then what a person may wonder
 * about. Everything from outside is made inert here, and credentials in log tails are hidden. Always below GitHub's limit of
 * 65,536 characters. The same facts give the same text, so that a pass that changes nothing edits nothing.
 */
export function commentText(facts: CommentFacts): string {
  return [`${commentMarker}\n${table(facts)}`, ...paragraphs(facts)].join('\n\n');
}

function table(facts: CommentFacts): string {
  const shown = facts.live ?? facts.latest;
  const at = facts.ending ? facts.now : updatedAt(facts);
  const row = [
    plain(facts.appName ?? facts.preview.project.name, 100),
    stateText(facts),
    addressCell(facts),
    shown === null ? '–' : commitLink(facts, shown.sha),
    at === null ? '–' : utc(at),
  ];
  return `| App | State | Preview | Commit | Updated |\n| --- | --- | --- | --- | --- |\n| ${row.join(' | ')} |`;
}

function addressCell({ preview, ending, url }: CommentFacts): string {
  if (url === null || ending?.kind === 'removed' || preview.wanted.run === 'nothing') return '–';
  return link(plain(new URL(url).host, 260), url);
}

function paragraphs(facts: CommentFacts): string[] {
  const { preview, ending } = facts;
  if (ending?.kind === 'removed') return ['Closed: the preview was removed.'];
  if (ending?.kind === 'kept') {
    const by = ending.by.kind === 'pull' ? `#${ending.by.number} is open for the same branch` : 'its branch is deployed on every push';
    return [`Closed: the preview stays, because ${by}.`];
  }
  return preview.wanted.run === 'nothing' ? [nothingBecause(preview)] : versionParagraphs(facts);
}
