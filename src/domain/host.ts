import { createHash } from 'node:crypto';
import type { PreviewRef } from './preview.ts';

/**
 * The first labels a preview's host may have, in the order in which they are to be tried: the short one where the slug says the
 * whole name, the one with 8 digits of a hash, and, since a branch may be named so that its short label is just that, one with 32.
 * Each is a valid DNS label of at most 63 characters while the project id has at most 8 digits.
 */
export function hostLabels(projectId: number, ref: PreviewRef): string[] {
  const prefix = `project-${projectId}`;
  const name = ref.kind === 'branch' ? ref.name : `pr-${ref.number}`;
  const hash = sha256(ref.kind === 'branch' ? `branch:${ref.name}` : `pr:${ref.number}`);
  const { slug, whole } = slugOf(name);
  const last = `${prefix}-${hash.slice(0, 32)}`;
  if (slug === '') return [`${prefix}-${hash.slice(0, 8)}`, last];
  const hashed = `${prefix}-${slug}-${hash.slice(0, 8)}`;
  return whole ? [`${prefix}-${slug}`, hashed, last] : [hashed, last];
}

/** The branch as part of a host; `whole` is false when the slug was cut or the name held a non-ASCII character. */
export function slugOf(name: string): { slug: string; whole: boolean } {
  const dashed = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  const slug = dashed.slice(0, slugLength).replace(/-$/, '');
  // eslint-disable-next-line no-control-regex
  const ascii = /^[\u0000-\u007f]*$/.test(name);
  return { slug, whole: ascii && slug === dashed };
}

/** First label of the host that shows one commit of one deployment, for readiness and for people who want exactly that. */
export function commitHostLabel(projectId: number, sha: string, deploymentId: number): string {
  return `project-${projectId}--${sha.slice(0, 10)}-${deploymentId.toString(36)}`;
}

/** The project, commit and deployment that such a label names; `null` for every other one. */
export function commitOfLabel(label: string): { projectId: number; shortSha: string; deploymentId: number } | null {
  const match = /^project-([1-9]\d{0,9})--([0-9a-f]{10})-([0-9a-z]{1,10})$/.exec(label);
  if (!match) return null;
  return { projectId: Number(match[1]), shortSha: match[2]!, deploymentId: Number.parseInt(match[3]!, 36) };
}

/** Address of a container that publishes a port of its own, without a slash at the end. */
export function portUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export function containerName(hostLabel: string, deploymentId: number): string {
  return `kosuke-preview-${hostLabel}-${deploymentId}`;
}

export function networkName(hostLabel: string): string {
  return `kosuke-preview-${hostLabel}`;
}

/** Regular expression (Go and JavaScript) of every preview host under a domain. */
export function previewHostPattern(previewDomain: string): string {
  return `^project-[a-z0-9-]+\\.${previewDomain.replaceAll('.', '\\.')}$`;
}

const slugLength = 20;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
