import type { DiskUsage } from '../domain/disk.ts';
import { namePrefix } from '../domain/image-name.ts';
import { call } from './call.ts';
import type { Context } from './context.ts';
import { get } from './get.ts';

type Usage = { Images: Image[] | null; BuildCache: { Size: number }[] | null };
type Image = { RepoTags: string[] | null; Size: number; SharedSize: number };

/** What images by our names and the build cache take. The engine walks all that it has for this: a second or more on a large one. */
export async function diskUsage(context: Context, signal: AbortSignal): Promise<DiskUsage> {
  const { Images: images, BuildCache: cache } = await call('measuring what images take', { signal, ms: slowFactor * context.limitMs }, (abortSignal) =>
    get<Usage>(context.docker, '/system/df', abortSignal),
  );
  const ours = (images ?? []).filter(({ RepoTags: names }) => names?.some((name) => name.startsWith(namePrefix)));
  const shared = Math.max(0, ...ours.map(({ SharedSize: size }) => size));
  return {
    imageBytes: ours.reduce((sum, { Size: size, SharedSize: ofOthers }) => sum + size - Math.max(0, ofOthers), shared),
    cacheBytes: (cache ?? []).reduce((sum, { Size: size }) => sum + size, 0),
  };
}

/** Removes build cache that nothing uses, what was not used for longest first, until about `keepBytes` are left; resolves with how much went. */
export async function pruneCache(context: Context, keepBytes: number, signal: AbortSignal): Promise<number> {
  const path = `/build/prune?all=1&keep-storage=${Math.max(1, Math.floor(keepBytes))}`;
  return call('removing build cache', { signal, ms: slowFactor * context.limitMs }, (abortSignal) =>
    new Promise<number>((resolve, reject) => {
      const statusCodes = { 200: true, 500: 'server error' };
      context.docker.modem.dial({ path, method: 'POST', abortSignal, statusCodes }, (error, answer) =>
        error ? reject(error) : resolve(Number((answer as { SpaceReclaimed?: number }).SpaceReclaimed ?? 0)),
      );
    }),
  );
}

const slowFactor = 2;
