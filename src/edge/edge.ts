import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Edge, Hold } from '../reconcile/ports/edge.ts';
import { defaultCertificate } from './default-certificate.ts';
import { edgeError } from './errors.ts';
import { gateConfig, gateFileName } from './gate-file.ts';
import { holdConfig, holdFileName, holdIdOf, readHold } from './hold-file.ts';
import { probe } from './probe.ts';
import { isMissing, removeLeftovers, writeConfig } from './write-config.ts';

export type EdgeOptions = {
  /** Traefik's dynamic directory; it must exist. */
  dynamicDir: string;
  /** The address at which Traefik reaches this program, e.g. `http://127.0.0.1:3000`. */
  gateUrl: string;
  /** Traefik's entry point for previews, e.g. `websecure`. */
  entryPoint: string;
  /** e.g. `kosuke.ai`. */
  previewDomain: string;
  /** Where this program reaches Traefik's entry point. */
  edgeAddress: { host: string; port: number };
  scheme: 'http' | 'https';
  /**
   * Sent as `X-Kosuke-Bypass` with each probe. It passes through Traefik to the app unless an access middleware takes it off: set it
   * only together with one.
   */
  bypassToken?: string;
  clock: Pick<Clock, 'now'>;
  log: Logger;
};

/**
 * Traefik's side of the switch: the gate's routers and one hold file per deployment in its dynamic directory, and requests through
 * its public entry point. Nothing is remembered between calls; what is held is what the files say.
 */
export function createEdge(options: EdgeOptions): Edge {
  const { dynamicDir, entryPoint, log } = options;

  async function holds(): Promise<Hold[]> {
    const names = await readdir(dynamicDir).catch((error: unknown) => {
      throw edgeError('The holds could not be listed', error);
    });
    const found: Hold[] = [];
    for (const name of names) {
      const deploymentId = holdIdOf(name);
      if (deploymentId === null) continue;
      const hold = await readHoldFile(deploymentId, name);
      if (hold !== null) found.push(hold);
    }
    return found;
  }

  async function readHoldFile(deploymentId: number, name: string): Promise<Hold | null> {
    try {
      const hold = readHold(deploymentId, await readFile(join(dynamicDir, name), 'utf8'), entryPoint);
      if (hold.to === 'unreadable') log.warn({ deployment: deploymentId, file: name }, 'a hold file is not as this program writes it');
      return hold;
    } catch (error) {
      if (isMissing(error)) return null;
      log.warn({ deployment: deploymentId, file: name, err: error }, 'a hold file could not be read');
      return { deploymentId, host: '', to: 'unreadable' };
    }
  }

  return {
    ports: null,
    async writeGate() {
      await removeLeftovers(dynamicDir, options.clock.now(), log);
      const certificate = await defaultCertificate(dynamicDir, options.clock.now()).catch((error: unknown) => {
        throw edgeError('The certificate for unknown names could not be made', error);
      });
      if (await writeConfig(dynamicDir, gateFileName, gateConfig(options, certificate))) log.info({ file: gateFileName }, 'gate routers written');
    },
    holds,
    async writeHold(hold) {
      const name = holdFileName(hold.deploymentId);
      if (await writeConfig(dynamicDir, name, holdConfig(hold, entryPoint))) {
        log.info({ deployment: hold.deploymentId, host: hold.host, to: hold.to === 'gate' ? 'gate' : 'version' }, 'hold written');
      }
    },
    async removeHold(deploymentId) {
      await rm(join(dynamicDir, holdFileName(deploymentId)), { force: true }).catch((error: unknown) => {
        throw edgeError(`The hold of deployment ${deploymentId} could not be removed`, error);
      });
    },
    probe: (host, path, signal, limitMs) =>
      probe({ address: options.edgeAddress, scheme: options.scheme, host, path, bypassToken: options.bypassToken, limitMs }, signal),
  };
}
