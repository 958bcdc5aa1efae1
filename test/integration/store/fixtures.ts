import type { Preview, Project, Wanted } from '../../../src/domain/preview.ts';
import type { ClaimedPreview, Store } from '../../../src/reconcile/ports/store.ts';

/** Milliseconds after the moment at which these tests play. */
export function at(ms: number): Date {
  return new Date(Date.UTC(2026, 10, 23, 12) + ms);
}

export const leaseMs = 10_000;

/** What a pass wants that deploys a commit. */
export function running(sha: string): Wanted {
  return { run: 'running', sha, reason: 'branch', asleepBecause: null };
}

let counter = 0;

/** A number that no other fixture of this test file has. */
export function unique(): number {
  counter += 1;
  return counter;
}

export async function aProject(store: Store): Promise<Project> {
  const repositoryId = 7_000_000_000 + unique();
  const facts = { repositoryId, installationId: 1, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' };
  const { id } = await store.projects.ensure(facts, at(0));
  return { id, ...facts };
}

export async function aPreview(store: Store): Promise<Preview> {
  const project = await aProject(store);
  return store.previews.ensure(project.id, { kind: 'branch', name: 'main' }, [`project-${project.id}-main`], at(0));
}

/** A preview that is kicked at 0 and claimed at `ms`; nothing else may be due. */
export async function aClaim(store: Store, ms = 0, owner = 'worker'): Promise<ClaimedPreview> {
  const preview = await aPreview(store);
  await store.previews.kick(preview.id, { look: false }, at(0));
  const claim = await store.previews.claim(owner, at(ms), leaseMs);
  if (claim?.preview.id !== preview.id) throw new Error('another preview was due');
  return claim;
}

/** A deployment that waits for a builder, and the lease under which it was made. */
export async function aQueued(store: Store) {
  const { lease } = await aClaim(store);
  const asked = { sha: 'c0ffee', redeployNo: 0, pullNumber: null, noCache: false, logToken: `token-${unique()}` };
  const deployment = await store.deployments.create(lease, asked, at(0));
  if (deployment === null) throw new Error('the lease was lost');
  return { lease, deployment };
}

/** Ends what earlier tests left due, so that the next claim is of this test. */
export async function settle(store: Store): Promise<void> {
  const late = at(1e9);
  for (;;) {
    const claim = await store.previews.claim('settle', late, 1);
    if (claim === null) break;
    await store.previews.release(claim.lease, { dueAt: null, failed: false, looked: true });
  }
  for (;;) {
    const job = await store.deployments.claimBuild('settle', late, 1);
    if (job === null) break;
    await store.deployments.updateBuild(job.deployment.id, job.buildNo, { state: 'failed' });
  }
}
