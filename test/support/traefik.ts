import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { pino } from 'pino';
import { startTraefik as start } from '../../src/demo/traefik.ts';

export const traefikImage = 'traefik:v3.7.15';

export type TestTraefik = {
  docker: Dockerode;
  dynamicDir: string;
  port: number;
  apiPort: number;
  containerId: string;
  /** Removes the container and the directories made for it. */
  stop(): Promise<void>;
};

/**
 * The real Traefik on a loopback port, HTTP only, entry point `web`. Without `dynamicDir` a temporary one is made; with `port` 0 (or
 * none) a free one is taken.
 */
export async function startTraefik(options: { dynamicDir?: string; port?: number; labels?: Record<string, string> } = {}): Promise<TestTraefik> {
  const docker = new Dockerode();
  const own = await mkdtemp(join(tmpdir(), 'kosuke-traefik-'));
  const removeOwn = () => rm(own, { recursive: true, force: true });
  try {
    const dynamicDir = options.dynamicDir ?? join(own, 'dynamic');
    await mkdir(dynamicDir, { recursive: true });
    const traefik = await start({
      docker,
      image: traefikImage,
      dynamicDir,
      configDir: join(own, 'static'),
      port: options.port ?? 0,
      labels: options.labels ?? { 'kosuke-test': 'traefik' },
      log: pino({ level: 'silent' }),
    });
    return {
      ...traefik,
      docker,
      dynamicDir,
      async stop() {
        await traefik.stop();
        await removeOwn();
      },
    };
  } catch (error) {
    await removeOwn();
    throw error;
  }
}
