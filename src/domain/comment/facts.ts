import type { Deployment } from '../deployment.ts';
import type { Preview } from '../preview.ts';
import type { NoRoom } from '../room.ts';

/** All that the comment on a pull request is made of. */
export type CommentFacts = {
  /** Name of the app as people know it; the repository's when left out. */
  appName?: string;
  preview: Pick<Preview, 'project' | 'hostLabel' | 'wanted' | 'state' | 'crashCount' | 'lastCrashAt'>;
  /** Address of the preview; `null` where it has none: without Traefik, while no version serves. */
  url: string | null;
  /** The newest deployment of what is wanted, `null` when there was none yet. */
  latest: Deployment | null;
  /** The version that was last seen ready, as long as it has not ended; may be the latest. */
  live: Deployment | null;
  commitUrl(sha: string): string;
  logUrl(token: string): string;
  /** Stands in the comment only with an `ending`, so that the same facts give the same text. */
  now: Date;
  /** Set while there is no room for it. */
  noRoom?: NoRoom | null;
  /** Set when the pull request that carries this comment was closed. */
  ending?: CommentEnding | null;
};

/** What became of the preview of a pull request that was closed: gone, or kept by another open one or by pushes to its branch. */
export type CommentEnding = { kind: 'removed' } | { kind: 'kept'; by: { kind: 'pull'; number: number } | { kind: 'branch' } };
