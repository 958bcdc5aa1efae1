import type { Deployment } from '../deployment.ts';
import type { Wanted } from '../preview.ts';

/** All that `plan()` may look at: one preview's rows, its things on the engine, its holds, and what the probes say. */
export type Observed = {
  now: Date;
  wanted: Wanted;
  /** Whether it may run: it has a place among those that run at once, or needs none. */
  room: boolean;
  redeployNo: number;
  /** The version last seen ready on the public host. */
  liveDeploymentId: number | null;
  crashCount: number;
  lastCrashAt: Date | null;
  /** Newest first: all that have not ended, and recent others. */
  deployments: readonly Deployment[];
  containers: readonly ObservedContainer[];
  network: boolean;
  holds: readonly ObservedHold[];
  /** By deployment id; none: nobody probes it. */
  verdicts: ReadonlyMap<number, Verdict>;
  /** How long a superseded version may finish what it is answering. */
  drainMs: number;
  /** Since when the program has watched the engine without a gap: an exit before it was not seen happening, and is no crash. */
  watchingSince: Date;
  /** `null`: not known yet. */
  engineVersion: string | null;
};

export type ObservedContainer = {
  id: string;
  deploymentId: number;
  status: 'created' | 'running' | 'exited';
  exitCode: number | null;
  /** The last of each, by the engine's clock. */
  startedAt: Date | null;
  finishedAt: Date | null;
  /** When somebody last ended it through the engine, by the engine's clock. */
  killedAt: Date | null;
  /** Whether it was made for the way in which previews are reached now: with labels for Traefik, or with a port of its own. */
  fits: boolean;
};

/** `to` is the deployment the host stays on, or the gate; `other` is anything else (unreadable, another host). */
export type ObservedHold = { deploymentId: number; to: number | 'gate' | 'other' };

/** What the probe of a started version has found so far. `fault` tells an app that never got ready from an edge that never showed it. */
export type Verdict =
  | { kind: 'waiting' }
  /** `wantsTls`: what answered says that its port is for TLS. */
  | { kind: 'ready'; wantsTls: boolean }
  /** The app does not answer on the port that was expected, and listens on this one. */
  | { kind: 'elsewhere'; port: number }
  | { kind: 'not-ready'; fault: 'app' | 'edge'; detail: string };
