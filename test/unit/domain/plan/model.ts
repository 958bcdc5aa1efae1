import type { Deployment, DeploymentState } from '../../../../src/domain/deployment.ts';
import type { Failure } from '../../../../src/domain/errors.ts';
import type { Action } from '../../../../src/domain/plan/actions.ts';
import type { Observed, ObservedContainer, Verdict } from '../../../../src/domain/plan/observed.ts';
import { liveOf } from '../../../../src/domain/plan/select.ts';
import type { Wanted } from '../../../../src/domain/preview.ts';

/** A preview, its engine and its edge in memory: what each action does to them, and what the world may do to them meanwhile. */
export type Model = {
  -readonly [K in keyof Observed]: Observed[K];
} & { deployments: Deployment[]; containers: ObservedContainer[]; holds: { deploymentId: number; to: number | 'gate' | 'other' }[]; verdicts: Map<number, Verdict>; nextId: number };

export const begin = new Date('2026-01-01T00:00:00Z');

export function emptyModel(): Model {
  return {
    now: begin,
    wanted: nothing(),
    room: true,
    redeployNo: 0,
    liveDeploymentId: null,
    crashCount: 0,
    lastCrashAt: null,
    deployments: [],
    containers: [],
    network: false,
    holds: [],
    verdicts: new Map(),
    drainMs: 5_000,
    watchingSince: begin,
    engineVersion: '20.10.24',
    nextId: 1,
  };
}

export function nothing(): Wanted {
  return { run: 'nothing', sha: null, reason: 'branch-deleted', asleepBecause: null };
}

export function running(sha: string): Wanted {
  return { run: 'running', sha, reason: 'pull-request', asleepBecause: null };
}

export function asleep(sha: string): Wanted {
  return { run: 'asleep', sha, reason: 'pull-request', asleepBecause: 'person' };
}

export const failure: Failure = { code: 'build-failed', fault: 'app', what: '', why: '', next: '' };

export function deployment(id: number, sha: string, state: DeploymentState, change: Partial<Deployment> = {}): Deployment {
  const built = !['queued', 'building', 'failed'].includes(state);
  return {
    id, previewId: 1, sha, redeployNo: 0, pullNumber: null, state, noCache: false,
    image: built ? `image-${sha}` : null, port: built ? 3000 : null, exposedPorts: [], portFound: false, withInit: true, notes: [],
    failure: null, attempts: 0, retryAt: null, exitCode: null,
    logToken: '', createdAt: begin, buildStartedAt: null, fetchedAt: null, builtAt: null, startedAt: null, readyAt: null,
    switchedAt: null, endedAt: null, githubDeploymentId: null, wishedStatus: null, wishedUrl: null, reportedStatus: null, ...change,
  };
}

export function container(deploymentId: number, status: ObservedContainer['status'] = 'running', finishedAt: Date | null = null): ObservedContainer {
  return { id: `c${deploymentId}`, deploymentId, status, exitCode: status === 'exited' ? 1 : null, startedAt: null, finishedAt, killedAt: null, fits: true };
}

/** Does to the model what `reconcile/act/` does to the world. */
export function apply(model: Model, action: Action): void {
  const row = (id: number) => model.deployments.find((d) => d.id === id)!;
  const set = (id: number, change: Partial<Deployment>) => Object.assign(row(id), change);
  switch (action.do) {
    case 'queue':
      model.deployments.unshift(deployment(model.nextId, action.sha, 'queued', { redeployNo: model.redeployNo }));
      model.nextId += 1;
      return;
    case 'end':
      model.verdicts.delete(action.deploymentId);
      set(action.deploymentId, { state: action.state, endedAt: model.now });
      return;
    case 'retry':
      set(action.deploymentId, { state: row(action.deploymentId).image === null ? 'queued' : 'built', retryAt: null });
      return;
    case 'ensure-network':
      model.network = true;
      return;
    case 'hold':
    case 'prepare-hold':
      model.holds = [...model.holds.filter((h) => h.deploymentId !== action.deploymentId), { deploymentId: action.deploymentId, to: action.to }];
      return;
    case 'unhold':
      model.holds = model.holds.filter((h) => h.deploymentId !== action.deploymentId);
      return;
    case 'start': {
      set(action.deploymentId, { state: 'starting', startedAt: model.now, retryAt: null, failure: null });
      model.containers = [...model.containers.filter((c) => c.deploymentId !== action.deploymentId), container(action.deploymentId)];
      model.verdicts.set(action.deploymentId, { kind: 'waiting' });
      return;
    }
    case 'watch':
      model.verdicts.set(action.deploymentId, { kind: 'waiting' });
      return;
    case 'release':
    case 'readopt': {
      const before = liveOf(model);
      model.holds = action.do === 'release' ? [] : model.holds.filter((h) => h.deploymentId !== action.deploymentId);
      set(action.deploymentId, { state: 'live', switchedAt: model.now, attempts: 0, failure: null });
      model.verdicts.delete(action.deploymentId);
      if (before?.id === action.deploymentId) return;
      Object.assign(model, { liveDeploymentId: action.deploymentId, crashCount: 0, lastCrashAt: null });
      if (before !== undefined) set(before.id, { state: 'superseded', endedAt: model.now });
      return;
    }
    case 'use-port':
      model.verdicts.delete(action.deploymentId);
      model.containers = model.containers.filter((c) => c.deploymentId !== action.deploymentId);
      set(action.deploymentId, { state: 'built', retryAt: null, port: action.port, portFound: true });
      return;
    case 'fail':
      model.verdicts.delete(action.deploymentId);
      if (action.because === 'edge') {
        const attempts = row(action.deploymentId).attempts + 1;
        set(action.deploymentId, { state: 'error', failure, attempts, retryAt: new Date(model.now.getTime() + 5000 * attempts) });
      } else set(action.deploymentId, { state: 'failed', failure, endedAt: model.now });
      return;
    case 'down':
      model.verdicts.delete(action.deploymentId);
      if (action.crash) {
        model.crashCount = action.waitMs === 0 ? 1 : model.crashCount + 1;
        model.lastCrashAt = model.now;
      }
      set(action.deploymentId, { state: 'built', retryAt: action.crash && action.waitMs !== null ? new Date(model.now.getTime() + action.waitMs) : null });
      return;
    case 'rest':
      model.verdicts.delete(action.deploymentId);
      set(action.deploymentId, { state: 'built', retryAt: null });
      return;
    case 'stop-container':
      model.containers = model.containers.map((c) => (c.id === action.containerId ? { ...c, status: 'exited', exitCode: 143, finishedAt: model.now } : c));
      return;
    case 'remove-container':
      model.containers = model.containers.filter((c) => c.id !== action.containerId);
      return;
    case 'remove-network':
      model.network = false;
      return;
    case 'collect-image':
      set(action.deploymentId, { image: null });
  }
}

/** Visitors of the public host reach this version, `gate`, or an app that nobody saw ready (`unready`). */
export function whoAnswers(model: Model): number | 'gate' | 'unready' {
  const runs = (id: number) => model.containers.some((c) => c.deploymentId === id && c.status === 'running');
  const seenReady = (id: number) => model.deployments.some((d) => d.id === id && (d.state === 'live' || d.state === 'superseded' || d.switchedAt !== null));
  const hold = model.holds.toSorted((a, b) => b.deploymentId - a.deploymentId)[0];
  if (hold !== undefined) return typeof hold.to === 'number' && runs(hold.to) ? hold.to : 'gate';
  const newest = model.containers.filter((c) => c.status === 'running').toSorted((a, b) => b.deploymentId - a.deploymentId)[0];
  if (newest === undefined) return 'gate';
  return seenReady(newest.deploymentId) || model.verdicts.get(newest.deploymentId)?.kind === 'ready' ? newest.deploymentId : 'unready';
}
