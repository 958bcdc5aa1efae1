import { previewHostPattern } from '../domain/host.ts';

/**
 * The first label of a preview host, e.g. `project-1-feature-a`, from a `Host` header or URL host (a port, capitals and a final dot
 * are fine); `null` for every other host.
 */
export function hostLabelOf(host: string, previewDomain: string): string | null {
  const name = host.toLowerCase().replace(/\.?(:\d+)?$/, '');
  if (!new RegExp(previewHostPattern(previewDomain)).test(name)) return null;
  return name.slice(0, name.length - previewDomain.length - 1);
}
