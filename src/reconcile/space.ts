import { bytesToFree, leastFreeBytes, shortOf, type Space } from '../domain/disk.ts';
import { KosukeError } from '../domain/errors.ts';
import { sizeText } from '../domain/units.ts';
import type { Deps } from './deps.ts';

type Parts = Pick<Deps, 'disk' | 'engine' | 'builder' | 'clock' | 'config' | 'log'>;

/**
 * Removes what is not in use where images and build cache take more than their budget, or the engine's disk is nearly full: build cache first, what was
 * not used for longest before the rest, then base images that no build used for an hour. An image that a container or a preview uses stays.
 */
export async function collectSpace(deps: Parts, signal: AbortSignal): Promise<void> {
  const [spaces, usage] = await Promise.all([deps.disk.spaces(signal), deps.engine.diskUsage(signal)]);
  const excess = bytesToFree(usage, spaces, deps.config.diskBudgetBytes);
  if (excess === 0) return;
  const removedBytes = usage.cacheBytes === 0 ? 0 : await deps.engine.pruneCache(Math.max(0, usage.cacheBytes - excess), signal);
  deps.log.info({ ...usage, excess, removedBytes }, 'build cache was removed to keep to the budget of the disk');
  if (removedBytes >= excess) return;
  await deps.builder.collectBases(new Date(deps.clock.now().getTime() - basesKeptMs), signal);
}

/**
 * Throws where there is no room for a build, after what can go went. Below the limit are the running previews and the database, which must go on: so a
 * full disk stops builds and nothing else.
 */
export async function needsSpace(deps: Parts, signal: AbortSignal): Promise<void> {
  if (shortOf(await deps.disk.spaces(signal)) === null) return;
  await tryToCollect(deps, signal);
  const short = shortOf(await deps.disk.spaces(signal));
  if (short !== null) throw diskFull(short);
}

async function tryToCollect(deps: Parts, signal: AbortSignal): Promise<void> {
  try {
    await collectSpace(deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn({ err: error }, 'no room could be made on the disk');
  }
}

function diskFull(space: Space): KosukeError {
  return new KosukeError({
    code: 'disk-full',
    fault: 'us',
    what: 'There is no room on the disk for a build',
    why: `${sizeText(space.freeBytes)} of ${sizeText(space.totalBytes)} are free ${space.of === 'data' ? 'where the program keeps its data' : 'where the engine keeps its images'}, and a build begins with at least ${sizeText(leastFreeBytes(space))}`,
    next: 'It is tried again by itself. The operator can make room.',
  });
}

const basesKeptMs = 3_600_000;
