import type { Deps } from '../deps.ts';
import { mustHold } from '../fence.ts';
import type { Context } from './context.ts';

/** A row in the build queue. One that a person asked for (`redeploy`) is built without cache. */
export async function queue(deps: Deps, { lease, preview, observed }: Context, sha: string): Promise<void> {
  const asked = preview.redeployNo > 0 && observed.deployments.every((d) => d.redeployNo < preview.redeployNo);
  const deployment = await deps.store.deployments.create(
    lease,
    { sha, redeployNo: preview.redeployNo, pullNumber: preview.pulls[0]?.number ?? null, noCache: asked, logToken: deps.randomToken() },
    deps.clock.now(),
  );
  mustHold(deployment);
  deps.log.info({ deployment: deployment.id, commit: sha }, 'queued');
}
