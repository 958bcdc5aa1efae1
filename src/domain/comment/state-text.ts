import type { PreviewState } from '../preview.ts';
import type { CommentFacts } from './facts.ts';

/** The preview's state in a few words, and what a newer version is doing while the old one serves. */
export function stateText({ preview, latest, live, ending }: Pick<CommentFacts, 'preview' | 'latest' | 'live' | 'ending'>): string {
  if (ending?.kind === 'removed') return stateWords.removed;
  if (preview.state === 'expired') return stateWords.expired;
  if (preview.wanted.run === 'nothing' && latest === null) return stateWords.refused;
  const tooOld = latest?.failure?.engineVersion !== undefined;
  if (preview.state === 'failed' && latest?.state === 'error') return tooOld ? '🟡 Needs a newer Docker Engine' : '🟡 Trying again';
  if (preview.state !== 'running' || latest === null || latest.id === live?.id) return stateWords[preview.state];
  switch (latest.state) {
    case 'queued':
    case 'building':
    case 'built':
    case 'starting':
      return `${stateWords.running}; a newer version is on its way`;
    case 'error':
      return `${stateWords.running}; the newer version ${tooOld ? 'needs a newer Docker Engine' : 'is tried again'}`;
    case 'failed':
      return `${stateWords.running}; the newer version failed`;
    default:
      return stateWords.running;
  }
}

/** A preview's state as its comment shows it. */
export const stateWords: Record<PreviewState, string> = {
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
