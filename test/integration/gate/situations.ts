import type { Preview, PreviewState, PullRequest, Wanted } from '../../../src/domain/preview.ts';
import type { Lease, Store } from '../../../src/reconcile/ports/store.ts';

export const moment = new Date('2026-11-23T09:30:00Z');
export const shaOf = (digit: string) => digit.repeat(40);

/** A preview in a store, held by a lease that never ends, so that a test can lead it from state to state. */
export type Situation = {
  preview: Preview;
  lease: Lease;
  /** Makes a deployment and builds it as far as `built`. */
  build(sha: string): Promise<number>;
  become(state: PreviewState, liveDeploymentId?: number | null): Promise<void>;
};

let repositories = 0;

/** `branch` of a new repository acme/shop with pull request 12, wanted as told. */
export async function situation(store: Store, branch: string, wanted: Partial<Wanted> = {}, title = 'A calmer checkout'): Promise<Situation> {
  repositories += 1;
  const facts = { repositoryId: repositories, installationId: 1, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' };
  const project = await store.projects.ensure(facts, moment);
  const label = `project-${project.id}-${branch.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 30).replace(/-+$/, '')}`;
  const { id } = await store.previews.ensure(project.id, { kind: 'branch', name: branch }, [label], moment);
  await store.previews.kick(id, { look: false }, moment);
  const claimed = await store.previews.claim('test', moment, 1e9);
  const pulls: PullRequest[] = [{ number: 12, title, headBranch: branch, headSha: shaOf('a'), fork: false, updatedAt: moment }];
  const lease = claimed && (await store.previews.setWanted(claimed.lease, { run: 'running', sha: shaOf('a'), reason: 'pull-request', asleepBecause: null, ...wanted }, pulls, moment));
  const preview = await store.previews.byId(id);
  if (lease === null || preview === null) throw new Error('the preview could not be claimed');

  return {
    preview,
    lease,
    async build(sha) {
      const deployment = await store.deployments.create(lease, { sha, redeployNo: 0, pullNumber: 12, noCache: false, logToken: `token-of-${sha}` }, moment);
      const job = await store.deployments.claimBuild('test', moment, 1e9);
      if (deployment === null || job?.deployment.id !== deployment.id) throw new Error('the build could not be claimed');
      await store.deployments.addLog(deployment.id, [
        { at: moment, step: '[1/2] FROM base', stream: 'step', text: '[1/2] cached' },
        { at: moment, step: '[2/2] RUN make', stream: 'stdout', text: 'cc -o \u001b[31m<script>alert(1)</script>' },
      ]);
      return deployment.id;
    },
    async become(state, liveDeploymentId) {
      const change = { state, ...(liveDeploymentId === undefined ? {} : { liveDeploymentId }) };
      if (!(await store.previews.update(lease, change, moment))) throw new Error('the lease was lost');
    },
  };
}

