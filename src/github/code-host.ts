import type { Clock } from '../reconcile/ports/clock.ts';
import type { CodeHost } from '../reconcile/ports/code-host.ts';
import { createCloneAccess } from './clone-access.ts';
import { metered } from './cost.ts';
import { listHeads, listInstallations, listOpenPulls, listRepositories } from './lists.ts';
import { look, type Octokits } from './look.ts';
import { readTree } from './reads.ts';

export type CodeHostOptions = Octokits & {
  /** Where git is, e.g. `https://github.com`. */
  webUrl: string;
  clock: Pick<Clock, 'now'>;
};

/** GitHub as the source of truth: the port's methods over REST. */
export function createCodeHost(options: CodeHostOptions): CodeHost {
  const { octokitFor, appOctokit, webUrl, clock } = options;
  return {
    look: (project, ref, signal, openBefore = []) => look(options, project, { ref, openBefore }, signal),
    cloneAccess: createCloneAccess(appOctokit, webUrl, clock),
    tree: (project, sha, signal) => readTree(octokitFor(project.installationId), project, sha, signal),
    installations: (signal) => listInstallations(appOctokit, signal),
    repositories: (installationId, signal) => listRepositories(octokitFor(installationId), installationId, signal),
    heads: (project, signal) => listHeads(octokitFor(project.installationId), project, signal),
    openPulls: (project, signal) => listOpenPulls(octokitFor(project.installationId), project, signal),
    metered,
  };
}
