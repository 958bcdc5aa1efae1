import { KosukeError } from './errors.ts';

/** More makes every start and every look at a container slow, for all previews (65,535: 4.4 s and 0.4 s). */
export const mostExposedPorts = 32;

/** The failure (`too-many-ports`, fault app) of an image that exposes more ports than `mostExposedPorts`, else `null`. */
export function tooManyPorts(exposed: number): KosukeError | null {
  if (exposed <= mostExposedPorts) return null;
  return new KosukeError({
    code: 'too-many-ports',
    fault: 'app',
    what: `The image exposes ${exposed.toLocaleString('en')} ports`,
    why: `More than ${mostExposedPorts} would slow the server down for all previews`,
    next: 'Name in EXPOSE only the port that the app listens on, or use a base image that exposes fewer, and push.',
  });
}
