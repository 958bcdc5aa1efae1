import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { containerService, versionMiddleware } from '../domain/labels.ts';
import type { Hold } from '../reconcile/ports/edge.ts';
import { assertEntryPoint, assertId, gateService, hostRule } from './names.ts';

/** Name of the file that holds a host for a deployment. */
export function holdFileName(deploymentId: number): string {
  return `kosuke-hold-${assertId(deploymentId)}.yml`;
}

/** The deployment id of such a name, `null` for any other file. */
export function holdIdOf(fileName: string): number | null {
  const id = /^kosuke-hold-([1-9]\d{0,14})\.yml$/.exec(fileName)?.[1];
  return id === undefined ? null : Number(id);
}

/**
 * A hold as Traefik's dynamic configuration. On a version it has two routers: the host → that version, and one priority lower the same
 * host → the gate; when the version dies, its service goes and Traefik drops the first. On the gate it has only the latter. Both
 * add `X-Kosuke-Hold`; the first also the headers of the version at which it points.
 */
export function holdConfig(hold: Hold, entryPoint: string): HoldConfig {
  const id = assertId(hold.deploymentId);
  const own = `kosuke-hold-${id}`;
  const common = { rule: hostRule(hold.host), entryPoints: [assertEntryPoint(entryPoint)] };
  const routers: HoldConfig['http']['routers'] = {};
  if (hold.to === 'unreadable') throw new Error('an unreadable hold cannot be written');
  if (hold.to !== 'gate') {
    const service = containerService(hold.to.containerName);
    if (versionIdOf(service) !== hold.to.deploymentId) throw new Error(`${service} is not deployment ${hold.to.deploymentId}`);
    const middlewares = [own, versionMiddleware(hold.to.containerName)];
    routers[`${own}-version`] = { ...common, priority: firstPriority + 2 * id, service, middlewares };
  }
  routers[`${own}-gate`] = { ...common, priority: firstPriority + 2 * id - 1, service: gateService, middlewares: [own] };
  return { http: { routers, middlewares: { [own]: { headers: { customResponseHeaders: { 'X-Kosuke-Hold': String(id) } } } } } };
}

/**
 * The hold that a file's text stands for. A text that is not exactly what this program writes for it (cut off, edited, of another
 * entry point) is `unreadable`, with an empty host: it can be rewritten or removed, never trusted.
 */
export function readHold(deploymentId: number, text: string, entryPoint: string): Hold {
  const unreadable: Hold = { deploymentId, host: '', to: 'unreadable' };
  try {
    const config: unknown = parse(text);
    const hold = holdOf(deploymentId, config as Partial<HoldConfig> | null);
    return hold !== null && isDeepStrictEqual(config, holdConfig(hold, entryPoint)) ? hold : unreadable;
  } catch {
    return unreadable;
  }
}

export type HoldConfig = {
  http: {
    routers: Record<string, { rule: string; entryPoints: string[]; priority: number; service: string; middlewares: string[] }>;
    middlewares: Record<string, { headers: { customResponseHeaders: Record<string, string> } }>;
  };
};

const firstPriority = 1_000_000_000;

/** What the routers seem to say; `readHold` compares it with the whole. */
function holdOf(deploymentId: number, config: Partial<HoldConfig> | null): Hold | null {
  const routers = config?.http?.routers ?? {};
  const host = /^Host\(`([^`]+)`\)$/.exec(routers[`kosuke-hold-${deploymentId}-gate`]?.rule ?? '')?.[1];
  if (host === undefined) return null;
  const service = routers[`kosuke-hold-${deploymentId}-version`]?.service;
  if (service === undefined) return { deploymentId, host, to: 'gate' };
  return { deploymentId, host, to: { deploymentId: versionIdOf(service), containerName: service.replace(/@docker$/, '') } };
}

/** The deployment id at the end of a container's name, as its service is called; NaN when there is none. */
function versionIdOf(service: string): number {
  return Number(/-(\d+)@docker$/.exec(service)?.[1]);
}
