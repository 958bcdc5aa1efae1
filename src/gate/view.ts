import type { Preview } from '../domain/preview.ts';
import type { LogWindow } from '../pages/log-window.ts';
import type { Tone } from '../pages/parts.ts';
import { timelineOf, type TimelineItem } from '../pages/timeline.ts';
import { aboutOf, type Found } from './find.ts';
import { reasonText } from './reasons.ts';
import type { GateState } from './state.ts';
import { crashedText, failedText } from './trouble.ts';

export type ViewFacts = {
  state: GateState;
  host: string;
  found: Found | null;
  /** Of the deployment that the page is about. */
  log: LogWindow | null;
  /** Address of the stable host. */
  url: string;
  now: Date;
};

/** What a page of the gate says, before it is HTML or plain text. All of it is text from outside until it is written out. */
export type View = {
  tone: Tone;
  /** The state in a person's words. */
  words: string;
  title: string;
  lead: string;
  /** Further sentences. */
  more: readonly string[];
  /** Something to type. */
  command: string | null;
  timeline: readonly TimelineItem[];
  /** The end of the log that shows what went wrong; raw. */
  tail: string | null;
  links: readonly { text: string; url: string }[];
};

/**
 * The page of each state, see `GateState`. Whoever guesses a host sees it, so it never links to a log: that address is a secret of those who
 * see the pull request.
 */
export function viewOf(facts: ViewFacts): View {
  const { found } = facts;
  if (found === null) return facts.state === 'error' ? view(troubleOfOurs) : view(unknownHost);
  const { preview } = found;
  const about = aboutOf(found);
  const commit = about === null ? 'The newest commit' : `Commit ${about.sha.slice(0, 7)}`;
  const timeline = about === null ? [] : timelineOf(about, facts.log?.steps() ?? [], facts.now);
  const whole = about === null || preview.pulls.length === 0 ? [] : ['The whole log is linked in the comment on the pull request.'];
  switch (facts.state) {
    case 'queued':
      if (preview.room === 'waits') return view(coming('queued', 'Waiting for room', noRoom));
      return view({ ...coming('queued', 'Waiting for its turn', `${commit} of ${sourceOf(preview)}, is built as soon as a builder is free.`), timeline });
    case 'building':
      return view({ ...coming('building', 'Building the preview', `${commit} of ${sourceOf(preview)}, is being built.`, whole), timeline });
    case 'starting':
      return view({ ...coming('starting', 'Starting the preview', `${commit} of ${sourceOf(preview)}, is built and starts now.`, whole), timeline });
    case 'waking':
      return view(coming('waking', 'Waking up', `The app of ${sourceOf(preview)} is being started again.`));
    case 'running':
      return view({ ...coming('running', 'Almost there', 'The preview runs; its address is being switched over. This takes a moment.'), more: newerText(found) });
    case 'asleep':
      return view({ ...asleep(preview), command: preview.wanted.asleepBecause === 'suspended' || preview.room === 'waits' ? null : `npx kosuke-preview wake ${preview.hostLabel}` });
    case 'failed': {
      const text = failedText(about, facts.log);
      return view({ tone: 'bad', words: 'failed', ...text, more: [...text.more, ...whole], timeline });
    }
    case 'crashed': {
      const text = crashedText(preview, found.live);
      return view({ tone: 'bad', words: 'crashed', ...text, more: [...text.more, ...whole, ...newerText(found)] });
    }
    case 'waiting_approval':
      return view({ words: 'waiting for approval', title: 'Waiting for approval', lead: 'Somebody with write access to the repository has to approve this commit first.' });
    case 'replaced':
      return view({
        words: 'replaced',
        title: 'This version is no longer here',
        lead: `${commit} of ${sourceOf(preview)}, was replaced, or never went live.`,
        links: [{ text: 'The current preview', url: facts.url }],
      });
    case 'refused':
    case 'expired':
    case 'removed':
      return view(away(facts.state, preview));
    default:
      return view(troubleOfOurs);
  }
}

/** `acme/shop, branch feature/a`. */
export function sourceOf({ project, ref }: Preview): string {
  return `${project.owner}/${project.name}, ${ref.kind === 'branch' ? `branch ${ref.name}` : `pull request #${ref.number}`}`;
}

function view(parts: Partial<View> & Pick<View, 'words' | 'title' | 'lead'>): View {
  return { tone: 'rest', more: [], command: null, timeline: [], tail: null, links: [], ...parts };
}

function coming(words: string, title: string, lead: string, more: readonly string[] = []): Pick<View, 'tone' | 'words' | 'title' | 'lead' | 'more'> {
  return { tone: 'coming', words, title, lead, more: ['This page follows by itself.', ...more] };
}

const unknownHost = {
  words: 'unknown',
  title: 'There is no preview here',
  lead: 'No branch or pull request has this address.',
  more: ['Check it against the link in the comment on the pull request. An address is given out when a pull request is opened or its branch is pushed.'],
};

const troubleOfOurs = {
  tone: 'bad' as const,
  words: 'unavailable',
  title: 'We cannot tell right now',
  lead: 'The state of this preview could not be read. The trouble is on our side.',
  more: ['It is tried again by itself.'],
};

const noRoom = 'As many apps run here as may run at once. This one starts by itself as soon as there is room.';

function asleep(preview: Preview) {
  if (preview.room === 'waits') return { words: 'asleep', title: 'Waiting for room', lead: noRoom };
  const suspended = preview.wanted.asleepBecause === 'suspended';
  return {
    words: 'asleep',
    title: 'Asleep',
    lead: `The preview of ${sourceOf(preview)}, ${suspended ? 'sleeps with the App' : `was put to sleep${preview.wanted.asleepBecause === 'room' ? ' to make room for others' : ''}`}. Nothing of it is lost.`,
    more: [suspended ? 'The GitHub App is suspended on this account; the preview wakes when the suspension ends.' : 'To wake it, type this where the program runs:'],
  };
}

function away(words: 'refused' | 'expired' | 'removed', preview: Preview) {
  const { why, next } = reasonText(preview.wanted.reason);
  const title = words === 'refused' ? 'No preview is made for this' : 'This preview is gone';
  return { words, title, lead: why, more: next === '' ? [] : [next] };
}

/** What a newer version than the live one is up to, which is a fact of its own. */
function newerText({ latest, live }: Found): string[] {
  if (latest === null || live === null || latest.id <= live.id) return [];
  const commits = `Commit ${live.sha.slice(0, 7)} is the one that is served; the newer ${latest.sha.slice(0, 7)}`;
  if (latest.failure !== null) return [`${commits} did not come up: ${latest.failure.what}.`];
  return latest.endedAt === null ? [`${commits} is on its way.`] : [];
}
