import type { Deployment } from '../domain/deployment.ts';
import { commitOfLabel } from '../domain/host.ts';
import type { Preview } from '../domain/preview.ts';
import type { Store } from '../reconcile/ports/store.ts';
import { boundedMap } from './bounded-map.ts';

export type Found = {
  preview: Preview;
  /** The newest deployment. */
  latest: Deployment | null;
  /** The version that was last seen ready. */
  live: Deployment | null;
  /** Set when the host is that of one commit alone. */
  asked: Deployment | null;
};

/**
 * Finds what stands behind a host label. Which preview a host belongs to is remembered; everything about it is read fresh, and so
 * is a memory that turns out wrong.
 */
export function createFinder(store: Pick<Store, 'previews' | 'deployments'>): (label: string) => Promise<Found | null> {
  const previewIds = boundedMap<string, number>(rememberedHosts);

  async function previewOf(label: string): Promise<Preview | null> {
    const known = previewIds.get(label);
    const remembered = known === undefined ? null : await store.previews.byId(known);
    if (remembered?.hostLabel === label) return remembered;
    const preview = await store.previews.byHostLabel(label);
    if (preview === null) previewIds.delete(label);
    else previewIds.set(label, preview.id);
    return preview;
  }

  async function versionsOf(preview: Preview, asked: Deployment | null): Promise<Found> {
    const deployments = await store.deployments.ofPreview(preview.id, 1);
    const live = deployments.find((deployment) => deployment.id === preview.liveDeploymentId) ?? null;
    return { preview, latest: deployments[0] ?? null, live, asked };
  }

  return async (label) => {
    const commit = commitOfLabel(label);
    if (commit === null) {
      const preview = await previewOf(label);
      return preview && versionsOf(preview, null);
    }
    const asked = await store.deployments.byId(commit.deploymentId);
    if (asked === null || !asked.sha.startsWith(commit.shortSha)) return null;
    const preview = await store.previews.byId(asked.previewId);
    return preview?.project.id === commit.projectId ? versionsOf(preview, asked) : null;
  };
}

/** The deployment that a page is about: the one that was asked for, else the newest. */
export function aboutOf(found: Found): Deployment | null {
  return found.asked ?? found.latest;
}

const rememberedHosts = 10_000;
