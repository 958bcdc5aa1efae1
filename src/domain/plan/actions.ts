/** What a pass can do, as data. Each is safe to do again. */
export type Action =
  /** A row in the build queue. */
  | { do: 'queue'; sha: string }
  /** Ends a deployment that is overtaken or no longer wanted; a running build stops. */
  | { do: 'end'; deploymentId: number; state: 'cancelled' | 'removed' }
  /** Takes one that ended in an error of ours up again. */
  | { do: 'retry'; deploymentId: number }
  | { do: 'ensure-network' }
  /** Holds the host and waits until the public host shows it. `must`: without that nothing that follows may happen. */
  | { do: 'hold'; deploymentId: number; to: number | 'gate'; must: boolean }
  /** The same without waiting for anything, long before it is needed: when the image is there, the public host shows it already. */
  | { do: 'prepare-hold'; deploymentId: number; to: number | 'gate' }
  | { do: 'unhold'; deploymentId: number }
  /** Row to `starting`, container created when there is none, started, probed. */
  | { do: 'start'; deploymentId: number }
  /** Probes one that runs and that nobody probes. */
  | { do: 'watch'; deploymentId: number }
  /** Takes the hold away; when the public host shows this version it is the live one, and the one before is superseded. */
  | { do: 'release'; deploymentId: number }
  /** The live version is ready again while the hold of a newer one stands: it is live without a look at the public host. */
  | { do: 'readopt'; deploymentId: number }
  /** The app listens on another port than was expected: its container goes, and it starts once more with that port, behind the same hold. */
  | { do: 'use-port'; deploymentId: number; port: number }
  /** Ends one that did not come up, with what can be found out about why. */
  | { do: 'fail'; deploymentId: number; because: 'exited' | 'app' | 'edge'; detail: string }
  /** The live version's container is down: back to `built`, started again after `waitMs`; `crash`: it counts. */
  | { do: 'down'; deploymentId: number; crash: boolean; waitMs: number | null }
  /** Row to `built`: it sleeps. */
  | { do: 'rest'; deploymentId: number }
  | { do: 'stop-container'; containerId: string }
  | { do: 'remove-container'; containerId: string; graceSeconds: number }
  | { do: 'remove-network' }
  /** Drops the image of an ended deployment unless another preview needs it. */
  | { do: 'collect-image'; deploymentId: number; image: string };

/** `lookAgainAt`: when time alone will change the plan. */
export type Plan = { actions: Action[]; lookAgainAt: Date | null };
