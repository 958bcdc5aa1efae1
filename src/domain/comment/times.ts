import type { Deployment } from '../deployment.ts';
import type { CommentFacts } from './facts.ts';

/** `2026-11-23 09:30 UTC` */
export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** When the last thing happened that the comment tells of; `null` when nothing has. */
export function updatedAt({ latest, live, preview }: Pick<CommentFacts, 'latest' | 'live' | 'preview'>): Date | null {
  const times = [...timesOf(latest), ...timesOf(live), preview.lastCrashAt].filter((at) => at !== null);
  return times.length === 0 ? null : new Date(Math.max(...times.map((at) => at.getTime())));
}

/** Milliseconds from the request to the image, and from its start to its first answer; a night's sleep between them does not count. */
export function readyIn(deployment: Pick<Deployment, 'createdAt' | 'builtAt' | 'startedAt' | 'readyAt'>): number | null {
  const { createdAt, builtAt, startedAt, readyAt } = deployment;
  if (builtAt === null || startedAt === null || readyAt === null) return null;
  const total = builtAt.getTime() - createdAt.getTime() + (readyAt.getTime() - startedAt.getTime());
  return Math.max(0, total);
}

/** `0.8 s`, `12 s`, `2 min 5 s`, `1 h 3 min` */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function timesOf(deployment: Deployment | null): (Date | null)[] {
  if (deployment === null) return [];
  const { createdAt, buildStartedAt, builtAt, startedAt, readyAt, switchedAt, endedAt } = deployment;
  return [createdAt, buildStartedAt, builtAt, startedAt, readyAt, switchedAt, endedAt];
}
