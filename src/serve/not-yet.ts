import type { Logger } from 'pino';
import { KosukeError } from '../domain/errors.ts';
import type { Settings } from '../settings.ts';

/**
 * Settings of the contract that this version does not carry out yet. Those without which previews would silently not work stop the
 * start; the others are named once.
 */
export function refuseNotYet(settings: Settings, log: Logger): void {
  if (settings.traefikEnabled && settings.traefikContainer !== null) throw notYet('TRAEFIK_CONTAINER', "Leave it out, and let Traefik share the host's network.");
  const idle = [
    ...(settings.traefikMetricsUrl === null ? [] : ['TRAEFIK_METRICS_URL']),
    ...(settings.githubClient === null ? [] : ['GITHUB_CLIENT_ID']),
  ];
  if (idle.length > 0) log.warn({ settings: idle }, 'these settings have no effect in this version');
}

function notYet(setting: string, next: string): KosukeError {
  return new KosukeError({ code: 'internal', fault: 'us', what: `${setting} is not supported yet`, why: 'this version reaches previews through a Traefik on the host\'s network only', next });
}
