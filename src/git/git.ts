import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Git } from '../reconcile/ports/git.ts';
import { archive } from './archive.ts';
import { gitError } from './failure.ts';
import { fetchCommit } from './fetch.ts';
import { checkSize, treeLimits, type TreeLimits } from './measure.ts';
import { discardMirror, mirrorDir } from './mirror.ts';
import { readFiles, type ReadingPlace } from './objects.ts';
import { createSizes } from './sizes.ts';
import { createTurns } from './turns.ts';

/**
 * Bare mirrors `<dir>/<project id>.git`, one writer at a time each. `allowProtocols`: what a fetch may use (https and http).
 * `timeoutMs`: time limit of one git command. `limits`: what a commit may hold to be archived.
 */
export function createGit(options: { dir: string; allowProtocols?: readonly string[]; log: Logger; timeoutMs?: number; limits?: TreeLimits }): Git {
  const { dir, allowProtocols: protocols = ['https', 'http'], log, timeoutMs: limitMs = 300_000, limits = treeLimits } = options;
  const inTurn = createTurns();
  const damaged = new Set<number>();

  const place = (projectId: number, sha: string): ReadingPlace => ({
    mirror: mirrorDir(dir, projectId),
    sha: checkedSha(sha),
    limitMs,
    onDamage: () => {
      damaged.add(projectId);
      log.warn({ project: projectId }, 'the mirror is damaged, the next fetch makes it anew');
    },
  });

  const size = createSizes((there, signal) => checkSize(there, limits, signal));

  return {
    async fetch({ projectId, url, token, sha, deploymentId }, signal) {
      const mirror = mirrorDir(dir, projectId);
      const pin = pinName(deploymentId);
      const request = { url: checkedUrl(url, protocols), token, sha: checkedSha(sha), pin };
      await inTurn(projectId, signal, async () => {
        if (damaged.has(projectId)) await discardMirror(mirror);
        damaged.delete(projectId);
        await fetchCommit({ mirror, protocols, limitMs }, request, signal);
      });
    },

    async unpin(projectId, deploymentId) {
      // A ref of ours is a file, and nobody packs them: taking one away is no business of whoever writes to the mirror.
      await rm(join(mirrorDir(dir, projectId), 'refs', 'kosuke', pinName(deploymentId)), { force: true });
    },

    async readFiles(projectId, sha, paths, signal) {
      const there = place(projectId, sha);
      // Side by side: who reads files of a commit is about to archive it, and is told then if it is too large.
      const counting = size(there, signal).catch(() => null);
      try {
        return await readFiles(there, paths, counting, signal);
      } finally {
        await counting;
      }
    },
    archive(projectId, sha, signal) {
      const there = place(projectId, sha);
      return archive(there, (closed) => size(there, closed), signal);
    },
  };
}

/** What reaches git's arguments is a whole hash and nothing else. */
function checkedSha(sha: string): string {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) throw gitError('A commit could not be read', 'Its id is not a whole hash', { retry: false });
  return sha;
}

/** Below `refs/kosuke/`. */
function pinName(deploymentId: number | null): string {
  if (deploymentId === null) return 'ahead';
  if (!Number.isSafeInteger(deploymentId) || deploymentId < 1) throw new TypeError(`not a deployment id: ${deploymentId}`);
  return String(deploymentId);
}

/** An address without credentials, under one of the allowed protocols. */
function checkedUrl(url: string, protocols: readonly string[]): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || parsed.username !== '' || parsed.password !== '' || !protocols.includes(parsed.protocol.slice(0, -1))) {
    throw gitError('The repository could not be fetched', 'Its address is not one that may be fetched from', { retry: false });
  }
  return parsed.href;
}
