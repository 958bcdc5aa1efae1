import type { Deployment } from '../domain/deployment.ts';
import { networkName } from '../domain/host.ts';
import { isServing, liveOf } from '../domain/plan/select.ts';
import type { Observed, ObservedHold } from '../domain/plan/observed.ts';
import type { Preview } from '../domain/preview.ts';
import { needsRoom, type NoRoom } from '../domain/room.ts';
import { addressOf } from './address.ts';
import type { Deps } from './deps.ts';
import { LeaseLost } from './fence.ts';
import { observeLimitMs } from './limits.ts';
import type { Hold } from './ports/edge.ts';
import type { ContainerFacts } from './ports/engine.ts';
import type { Lease } from './ports/store.ts';

export type Seen = {
  preview: Preview;
  deployments: Deployment[];
  observed: Observed;
  /** Where people reach the preview; `null` where nothing is to be reached. */
  address: string | null;
  needsRoom: boolean;
  /** Set once it was found that there is none for it. */
  noRoom: NoRoom | null;
};

/** What is there of the preview of a lease. Throws `LeaseLost` when its generation is not the row's. */
export async function observe(deps: Deps, lease: Lease, stop: AbortSignal): Promise<Seen> {
  const seen = await observePreview(deps, lease.previewId, AbortSignal.any([stop, AbortSignal.timeout(observeLimitMs)]));
  if (seen === null || seen.preview.generation !== lease.generation) throw new LeaseLost();
  return seen;
}

/** Rows, engine, holds and probes of one preview, side by side; `null` when it has no row. */
export async function observePreview(deps: Deps, previewId: number, signal: AbortSignal): Promise<Seen | null> {
  const [preview, deployments, things, holds] = await Promise.all([
    deps.store.previews.byId(previewId),
    deps.store.deployments.ofPreview(previewId),
    deps.engine.things(signal, previewId),
    deps.edge.holds(),
  ]);
  if (preview === null) return null;
  const host = deps.config.host(preview.hostLabel);
  const ids = new Set(deployments.map((d) => d.id));
  const facts: Omit<Observed, 'room'> = {
    now: deps.clock.now(),
    wanted: preview.wanted,
    redeployNo: preview.redeployNo,
    liveDeploymentId: preview.liveDeploymentId,
    crashCount: preview.crashCount,
    lastCrashAt: preview.lastCrashAt,
    deployments,
    containers: things.containers.map((container) => ({ ...container, killedAt: deps.killedAt(container.id), fits: (container.publishedPort !== null) === (deps.edge.ports !== null) })),
    network: things.networks.some((network) => network.name === networkName(preview.hostLabel)),
    holds: holds.filter((hold) => hold.host === host || ids.has(hold.deploymentId)).map((hold) => seenHold(hold, host)),
    verdicts: deps.readiness.verdicts(),
    drainMs: deps.edge.ports === null ? drainMs : drainWithItsAddressMs,
    watchingSince: deps.watchingSince(),
    engineVersion: deps.engineVersion(),
  };
  const needs = needsRoom(facts);
  const observed: Observed = { ...facts, room: !needs || preview.room === 'has' };
  return { preview, deployments, observed, needsRoom: needs, noRoom: null, address: addressOf(deps, preview.hostLabel, servingPort(observed, things.containers)) };
}

const drainMs = 5_000;
/** An address that goes with its version stays until the comment, which is edited every 5 s at most, names the new one. */
const drainWithItsAddressMs = 15_000;

function servingPort(observed: Observed, containers: readonly ContainerFacts[]): number | null {
  const live = liveOf(observed);
  if (live === undefined || !isServing(live, observed)) return null;
  return containers.find(({ deploymentId }) => deploymentId === live.id)?.publishedPort ?? null;
}

function seenHold(hold: Hold, host: string): ObservedHold {
  if (hold.to === 'unreadable' || hold.host !== host) return { deploymentId: hold.deploymentId, to: 'other' };
  return { deploymentId: hold.deploymentId, to: hold.to === 'gate' ? 'gate' : hold.to.deploymentId };
}
