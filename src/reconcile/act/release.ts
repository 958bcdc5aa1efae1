import { tlsPortNote, withNote } from '../../domain/notes.ts';
import { phaseDurations } from '../../domain/phases.ts';
import type { Deps } from '../deps.ts';
import { fence, mustHold } from '../fence.ts';
import { containerNameOf, deploymentOf, publicHost, type Context } from './context.ts';
import { errorOf } from './fail.ts';
import { publicHostShows, type Signals } from './public-host.ts';

/**
 * Lets the labels take over: its hold goes, and with it any older one of this host. Only when the public host answers with this version's header and without a hold is it live, and the
 * version before superseded. When it does not within 10 s: the hold is put back, the old version stays, an error of ours.
 */
export async function release(deps: Deps, context: Context, deploymentId: number, signals: Signals): Promise<void> {
  const readyAt = deps.clock.now();
  await noteTlsPort(deps, context, deploymentId);
  const host = publicHost(deps, context);
  const held = context.observed.holds.find((h) => h.deploymentId === deploymentId);
  for (const id of new Set([...context.observed.holds.map((h) => h.deploymentId), deploymentId])) await deps.edge.removeHold(id);
  const { shown, last } = await publicHostShows(
    deps,
    host,
    (answer) => answer.deploymentId === deploymentId && answer.holdId === null && answer.gateState === null,
    signals,
  );
  if (shown) return becomeLive(deps, context, deploymentId, readyAt);
  await fence(deps, context.lease);
  const to = typeof held?.to === 'number' ? { deploymentId: held.to, containerName: containerNameOf(context, held.to) } : 'gate';
  await deps.edge.writeHold({ deploymentId, host, to });
  const seen = last.kind === 'no-edge' ? last.why : `it answers with status ${last.status} of version ${last.deploymentId ?? 'unknown'}`;
  await errorOf(deps, context, deploymentId, {
    code: 'edge',
    fault: 'us',
    what: 'The new version is ready, but the public address did not switch to it within 10 s',
    why: seen,
    next: 'The operator can look at `readyz` and, where there is one, at Traefik\'s log. It is tried again by itself.',
  });
}

async function noteTlsPort(deps: Deps, context: Context, deploymentId: number): Promise<void> {
  const verdict = context.observed.verdicts.get(deploymentId);
  const { port, notes } = deploymentOf(context, deploymentId);
  if (verdict?.kind !== 'ready' || !verdict.wantsTls || port === null || notes.some(({ code }) => code === 'tls-port')) return;
  const note = tlsPortNote(port);
  mustHold(await deps.store.deployments.update(context.lease, deploymentId, { notes: withNote(notes, note) }));
  await deps.store.deployments.addLog(deploymentId, [{ at: deps.clock.now(), step: null, stream: 'note', text: note.text }]);
}

/** The live version is ready again while a newer one, whose hold stands above, is still coming up. */
export async function readopt(deps: Deps, context: Context, deploymentId: number): Promise<void> {
  await becomeLive(deps, context, deploymentId, deps.clock.now());
  await deps.edge.removeHold(deploymentId);
}

/** `seenReadyAt`: when its probe had been answered. */
async function becomeLive(deps: Deps, context: Context, deploymentId: number, seenReadyAt: Date): Promise<void> {
  const now = deps.clock.now();
  const deployment = deploymentOf(context, deploymentId);
  const readyAt = deployment.readyAt ?? seenReadyAt;
  mustHold(await deps.store.deployments.goLive(context.lease, deploymentId, { readyAt, now }));
  deps.readiness.forget(deploymentId);
  deps.log.info({ deployment: deploymentId }, 'live');
  // What wakes or comes up again after a crash has been counted.
  if (deployment.switchedAt !== null) return;
  deps.metrics.deploymentEnded('live');
  deps.metrics.wentLive(phaseDurations({ ...deployment, readyAt, switchedAt: now }), now.getTime() - deployment.createdAt.getTime());
}
