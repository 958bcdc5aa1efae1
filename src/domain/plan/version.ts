import type { Deployment } from '../deployment.ts';
import type { Action } from './actions.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { containerOf, waits } from './select.ts';

/** Some actions, and when time alone will call for more. */
export type Step = { actions: Action[]; at: Date | null };

type Role = {
  /** Where the host stays while this version comes up. */
  heldTo: number | 'gate';
  /** It was seen ready before: when it goes down it crashed, it did not fail. */
  live: boolean;
  /** The hold of a newer version stands above: do not start this one now. */
  underHold: boolean;
};

/** Restarts of a crashed live version: after 0, 10 and 60 s; the fourth crash within an hour of the last is left to a person. */
export const restartWaitsMs: readonly number[] = [0, 10_000, 60_000];
export const crashesForgottenAfterMs = 3_600_000;

/** The next step of one version on its way to being served, or back to it. */
export function advance(deployment: Deployment, observed: Observed, role: Role): Step {
  const id = deployment.id;
  const waiting = waits(deployment, observed);
  switch (deployment.state) {
    case 'error':
      return broken(deployment, observed, waiting);
    case 'built':
      if (role.underHold || (role.live && observed.crashCount > restartWaitsMs.length)) return act();
      if (waiting) return { actions: [], at: deployment.retryAt };
      return act(hold(deployment, role), { do: 'start', deploymentId: id });
    case 'starting':
      return starting(deployment, observed, role);
    case 'live':
      if (deployment.id !== observed.liveDeploymentId) return act({ do: 'release', deploymentId: id });
      return serving(deployment, observed);
    default:
      return act();
  }
}

/**
 * While a version is made, its hold is written already. Not over a live one that has to be brought up again (`heldTo` is null): its own hold,
 * behind which it starts, is the lower one.
 */
export function prepare({ id, state }: Deployment, observed: Observed, heldTo: number | 'gate' | null): Step {
  if (state !== 'queued' && state !== 'building') return act();
  const held = observed.holds.find((h) => h.deploymentId === id);
  if (heldTo === null) return held === undefined ? act() : act({ do: 'unhold', deploymentId: id });
  return held?.to === heldTo ? act() : act({ do: 'prepare-hold', deploymentId: id, to: heldTo });
}

/** An error of ours: nothing of the attempt stays, container first, then hold; then the same again. */
function broken(deployment: Deployment, observed: Observed, waiting: boolean): Step {
  const container = containerOf(deployment, observed);
  const actions: Action[] = [];
  if (container !== undefined) actions.push({ do: 'remove-container', containerId: container.id, graceSeconds: 1 });
  else if (observed.holds.some((h) => h.deploymentId === deployment.id)) actions.push({ do: 'unhold', deploymentId: deployment.id });
  if (!waiting) actions.push({ do: 'retry', deploymentId: deployment.id });
  return { actions, at: waiting ? deployment.retryAt : null };
}

function starting(deployment: Deployment, observed: Observed, role: Role): Step {
  const id = deployment.id;
  const container = containerOf(deployment, observed);
  if (container === undefined || container.status === 'created') {
    return role.underHold ? act() : act(hold(deployment, role), { do: 'start', deploymentId: id });
  }
  if (container.status === 'exited') {
    if (!seenExiting(deployment, container, observed)) return act({ do: 'down', deploymentId: id, crash: false, waitMs: 0 });
    return role.live ? down(deployment, observed, container) : act({ do: 'fail', deploymentId: id, because: 'exited', detail: '' });
  }
  const verdict = observed.verdicts.get(id);
  if (verdict?.kind === 'ready') return act(role.underHold ? { do: 'readopt', deploymentId: id } : { do: 'release', deploymentId: id });
  if (verdict?.kind === 'elsewhere') return act({ do: 'use-port', deploymentId: id, port: verdict.port });
  if (verdict?.kind === 'not-ready') {
    if (role.live && verdict.fault === 'app') return down(deployment, observed, container);
    return act({ do: 'fail', deploymentId: id, because: verdict.fault, detail: verdict.detail });
  }
  const held = observed.holds.some((h) => h.deploymentId === id && h.to === role.heldTo);
  return act(...(held ? [] : [hold(deployment, role)]), ...(verdict === undefined ? [{ do: 'watch', deploymentId: id } as const] : []));
}

function serving(deployment: Deployment, observed: Observed): Step {
  const container = containerOf(deployment, observed);
  if (container?.status !== 'running') return down(deployment, observed, container);
  return observed.holds.some((h) => h.deploymentId === deployment.id) ? act({ do: 'unhold', deploymentId: deployment.id }) : act();
}

/**
 * A container that exited before it was last started, while nobody watched (reboot, engine stopped), or because somebody ended it through the engine, did not do so of
 * itself.
 */
function seenExiting(deployment: Deployment, container: ObservedContainer, { watchingSince }: Observed): boolean {
  const { status, finishedAt } = container;
  if (status !== 'exited' || finishedAt === null || finishedAt <= watchingSince || wasKilled(container)) return false;
  return deployment.startedAt === null || finishedAt > deployment.startedAt;
}

/** All three times are the engine's. Whoever was told to end and goes on for minutes ends for another reason. */
function wasKilled({ startedAt, finishedAt, killedAt }: ObservedContainer): boolean {
  if (killedAt === null || finishedAt === null || (startedAt !== null && killedAt < startedAt)) return false;
  return finishedAt.getTime() - killedAt.getTime() < endsWithinMs;
}

const endsWithinMs = 300_000;

/** A container that is gone, never ran, or was stopped from outside did not crash. */
function down(deployment: Deployment, observed: Observed, container: ObservedContainer | undefined): Step {
  const seen = container !== undefined && (container.status === 'running' || seenExiting(deployment, container, observed));
  const stop: Action[] = container?.status === 'running' ? [{ do: 'stop-container', containerId: container.id }] : [];
  if (!seen) return act({ do: 'down', deploymentId: deployment.id, crash: false, waitMs: 0 });
  const recent = observed.lastCrashAt !== null && observed.now.getTime() - observed.lastCrashAt.getTime() < crashesForgottenAfterMs;
  const waitMs = restartWaitsMs[recent ? observed.crashCount : 0] ?? null;
  return act({ do: 'down', deploymentId: deployment.id, crash: true, waitMs }, ...stop);
}

function hold(deployment: Deployment, role: Role): Action {
  return { do: 'hold', deploymentId: deployment.id, to: role.heldTo, must: true };
}

function act(...actions: Action[]): Step {
  return { actions, at: null };
}
