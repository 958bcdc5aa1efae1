import { KosukeError } from '../domain/errors.ts';
import { entryPointPattern } from '../domain/labels.ts';

/** The gate as a service of the file provider: always a URL, so that no router that names it is ever dropped. */
export const gateService = 'kosuke-gate';

/** The matcher of one host. Nothing but the characters of a host name ever reaches a rule. */
export function hostRule(host: string): string {
  return `Host(\`${assertHost(host)}\`)`;
}

export function assertHost(host: string): string {
  if (!/^[a-z0-9.-]{1,253}$/.test(host)) throw refused('host name', host);
  return host;
}

/** An entry point's name, which comes from the settings. */
export function assertEntryPoint(name: string): string {
  if (!entryPointPattern.test(name)) throw refused('entry point', name);
  return name;
}

/** A deployment's id as it stands in file names, router names and headers. */
export function assertId(id: number): number {
  if (!Number.isSafeInteger(id) || id < 1) throw refused('deployment id', String(id));
  return id;
}

function refused(kind: string, value: string): KosukeError {
  return new KosukeError(
    { code: 'edge', fault: 'us', what: `Traefik's configuration was not written`, why: `${JSON.stringify(value)} is not a valid ${kind}`, next: '' },
    { retry: false },
  );
}
