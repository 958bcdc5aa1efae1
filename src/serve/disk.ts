import { statfs } from 'node:fs/promises';
import type Dockerode from 'dockerode';
import type { Logger } from 'pino';
import { get } from '../docker/get.ts';
import type { Space } from '../domain/disk.ts';
import type { Disk } from '../reconcile/ports/disk.ts';

/** `docker`: where the engine is on this machine; it is asked once where it keeps its things. */
export function createDisk({ dataDir, docker, log }: { dataDir: string; docker: Dockerode | null; log: Logger }): Disk {
  let engineDir: string | null = null;
  const measured = async (of: Space['of'], path: string): Promise<Space[]> => {
    try {
      const { bsize, bavail, blocks } = await statfs(path);
      return [{ of, freeBytes: bavail * bsize, totalBytes: blocks * bsize }];
    } catch (error) {
      log.debug({ err: error, of }, 'a disk could not be measured');
      return [];
    }
  };
  const engine = async (signal: AbortSignal): Promise<Space[]> => {
    if (docker === null) return [];
    engineDir ??= await whereEngineIs(docker, signal, log);
    return engineDir === null ? [] : measured('engine', engineDir);
  };
  return { spaces: async (signal) => (await Promise.all([measured('data', dataDir), engine(signal)])).flat() };
}

async function whereEngineIs(docker: Dockerode, signal: AbortSignal, log: Logger): Promise<string | null> {
  try {
    const info = await get<{ DockerRootDir?: string }>(docker, '/info', AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    return info.DockerRootDir ?? null;
  } catch (error) {
    log.debug({ err: error }, 'the engine did not say where it keeps its things');
    return null;
  }
}

const limitMs = 5_000;
