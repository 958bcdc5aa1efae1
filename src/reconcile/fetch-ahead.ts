import type { Project } from '../domain/preview.ts';
import type { Deps } from './deps.ts';

/** Fetches of commits that webhooks named, beside the look at GitHub that decides what is wanted of them. */
export type FetchAhead = {
  /** Begins one, unless as many are in hand as may be. The build that comes for the commit finds it there, or waits for it. */
  begin(project: Project, sha: string): void;
  /** Resolves when none is in hand. */
  settled(): Promise<void>;
};

/** A fetch that fails is no failure of anything: the build fetches for itself. */
export function createFetchAhead(deps: Pick<Deps, 'codeHost' | 'git' | 'log' | 'config'>, stop: AbortSignal): FetchAhead {
  const inHand = new Map<string, Promise<void>>();

  async function fetch(project: Project, sha: string): Promise<void> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)]);
    try {
      const { url, token } = await deps.codeHost.cloneAccess(project, signal);
      await deps.git.fetch({ projectId: project.id, url, token, sha, deploymentId: null }, signal);
    } catch (error) {
      deps.log.debug({ err: error, project: project.id, commit: sha }, 'a commit could not be fetched ahead of its build');
    }
  }

  return {
    begin(project, sha) {
      const key = `${project.id} ${sha}`;
      if (stop.aborted || inHand.has(key) || inHand.size >= deps.config.buildConcurrency) return;
      inHand.set(
        key,
        fetch(project, sha).finally(() => inHand.delete(key)),
      );
    },
    async settled() {
      await Promise.all(inHand.values());
    },
  };
}

/** A build that waits for its turn at the mirror is not kept from it for longer. */
const limitMs = 20_000;
