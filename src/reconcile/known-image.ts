import type { Note } from '../domain/notes.ts';
import type { Deps } from './deps.ts';
import type { ImageFacts } from './ports/engine.ts';
import type { BuildJob } from './ports/store.ts';

/** An image that was made of a tree, and what a person should know of the tree. */
export type KnownImage = { name: string; notes: readonly Note[] };

/** Which image was last made of a tree, as far as this process knows. What it forgets is found out by fetching the commit. */
export type KnownImages = {
  get(projectId: number, tree: string): KnownImage | undefined;
  set(projectId: number, tree: string, image: KnownImage): void;
  /** Whether it knows any of the project. */
  has(projectId: number): boolean;
};

/** At most 20 trees of each of 500 projects; what was made longest ago goes first. */
export function createKnownImages(): KnownImages {
  const projects = new Map<number, Map<string, KnownImage>>();
  return {
    get: (projectId, tree) => projects.get(projectId)?.get(tree),
    has: (projectId) => projects.has(projectId),
    set(projectId, tree, image) {
      const trees = projects.get(projectId) ?? new Map<string, KnownImage>();
      keepNewest(trees, tree, image, 20);
      keepNewest(projects, projectId, trees, 500);
    },
  };
}

/** Which tree a commit has, as far as webhooks said it: a commit is never of another. */
export type KnownTrees = Pick<Map<string, string>, 'get' | 'set'>;

/** Of the last 1,000 commits. */
export function createKnownTrees(): KnownTrees {
  const trees = new Map<string, string>();
  return {
    get: (sha) => trees.get(sha),
    set(sha, tree) {
      keepNewest(trees, sha, tree, 1_000);
      return trees;
    },
  };
}

function keepNewest<K, V>(map: Map<K, V>, key: K, value: V, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}

/**
 * The image that was made before of the very tree that GitHub names for the commit, in its webhook or when asked: then nothing of it need be fetched. `null` when none is known, GitHub
 * does not say, somebody is building it, or it is gone. The row names it before it is looked for, so that a preview that closes meanwhile does not collect it.
 */
export async function knownImage(deps: Deps, { deployment, preview, buildNo }: BuildJob, signal: AbortSignal): Promise<(KnownImage & { facts: ImageFacts }) | null> {
  const { project } = preview;
  if (deployment.noCache || !deps.knownImages.has(project.id)) return null;
  try {
    const known = deps.knownImages.get(project.id, deps.knownTrees.get(deployment.sha) ?? (await deps.codeHost.tree(project, deployment.sha, signal)));
    if (known === undefined || !(await deps.store.deployments.takeImage(deployment.id, buildNo, known.name, deps.clock.now()))) return null;
    const facts = await deps.engine.image(known.name, signal);
    return facts === null ? null : { ...known, facts };
  } catch (error) {
    if (!signal.aborted) deps.log.debug({ err: error }, 'whether the same files were built before is found out by fetching them');
    return null;
  }
}
