import type { Project } from '../domain/preview.ts';
import type { Deps } from './deps.ts';

/** Fetches of commits that webhooks named, beside the look at GitHub that decides what is wanted of them. */
export type FetchAhead = {
  /** Begins one, unless as many are in hand as may be, or one of the project. The build that comes for the commit waits for it, and finds it there. */
  begin(project: Project, sha: string): void;
  /** A build comes for this commit of the project: a fetch of another one gives way to it. */
  giveWay(projectId: number, sha: string): void;
  /** Ends those in hand and begins none any more; resolves when they have ended. */
  stop(): Promise<void>;
};

/** A fetch that fails is no failure of anything: the build fetches for itself. */
export function createFetchAhead(deps: Pick<Deps, 'codeHost' | 'git' | 'log' | 'config'>): FetchAhead {
  /** By project. */
  const inHand = new Map<number, { sha: string; ending: AbortController; done: Promise<void> }>();
  let stopped = false;

  async function fetch(project: Project, sha: string, stop: AbortSignal): Promise<void> {
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
      if (stopped || inHand.has(project.id) || inHand.size >= deps.config.buildConcurrency) return;
      const ending = new AbortController();
      const done = fetch(project, sha, ending.signal).finally(() => inHand.delete(project.id));
      inHand.set(project.id, { sha, ending, done });
    },
    giveWay(projectId, sha) {
      const one = inHand.get(projectId);
      if (one !== undefined && one.sha !== sha) one.ending.abort();
    },
    async stop() {
      stopped = true;
      for (const { ending } of inHand.values()) ending.abort();
      await Promise.all([...inHand.values()].map(({ done }) => done));
    },
  };
}

/** As long as a build may take to fetch. */
const limitMs = 300_000;
