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

/** The project, commit and deployment that the first label of a commit host names (`domain/host.ts: commitHostLabel`). */
export function commitOfLabel(label: string): { projectId: number; shortSha: string; deploymentId: number } | null {
  const match = /^project-([1-9]\d{0,9})--([0-9a-f]{10})-([0-9a-z]{1,10})$/.exec(label);
  if (!match) return null;
  return { projectId: Number(match[1]), shortSha: match[2]!, deploymentId: Number.parseInt(match[3]!, 36) };
}
