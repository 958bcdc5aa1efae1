import type { PreviewState } from '../preview.ts';
import type { CommentFacts } from './facts.ts';

/** The preview's state in a few words, and what a newer version is doing while the old one serves. */
export function stateText({ preview, latest, live, ending }: Pick<CommentFacts, 'preview' | 'latest' | 'live' | 'ending'>): string {
  if (ending?.kind === 'removed') return words.removed;
  if (preview.wanted.run === 'nothing' && latest === null) return words.refused;
  if (preview.state === 'failed' && latest?.state === 'error') return '🟡 Trying again';
  if (preview.state !== 'running' || latest === null || latest.id === live?.id) return words[preview.state];
  switch (latest.state) {
    case 'queued':
    case 'building':
    case 'built':
    case 'starting':
      return `${words.running}; a newer version is on its way`;
    case 'error':
      return `${words.running}; the newer version is tried again`;
    case 'failed':
      return `${words.running}; the newer version failed`;
    default:
      return words.running;
  }
}

const words: Record<PreviewState, string> = {
  queued: '⚪ Waiting',
  building: '🟡 Building',
  starting: '🟡 Starting',
  running: '🟢 Running',
  asleep: '⚪ Asleep',
  waking: '🟡 Waking',
  failed: '🔴 Failed',
  crashed: '🔴 Crashed',
  waiting_approval: '⚪ Waiting for approval',
  refused: '⚪ No preview',
  expired: '⚪ Expired',
  removed: '⚪ Removed',
};
