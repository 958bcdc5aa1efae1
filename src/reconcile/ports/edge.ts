/**
 * Traefik: its dynamic directory and its public side; or, without it, the containers' own ports. Errors are `KosukeError` with code
 * `edge`.
 */
export type Edge = {
  /**
   * `null`: Traefik finds containers by their labels, and none publishes a port. Else each publishes one of 127.0.0.1 and has no labels
   * for Traefik; `free` gives one on which nothing listens and that no container of ours has.
   */
  ports: { free(signal: AbortSignal): Promise<number> } | null;
  /** Writes `kosuke-gate.yml` (catch-all and `/_kosuke/`), when it is not the same already. */
  writeGate(): Promise<void>;
  /** Holds on disk. Unreadable files are listed with `to: 'unreadable'`. */
  holds(): Promise<Hold[]>;
  /** Writes (by rename) the hold of a deployment, when it is not the same already. */
  writeHold(hold: Hold): Promise<void>;
  /** Unlinks; one that is gone is fine. */
  removeHold(deploymentId: number): Promise<void>;
  /**
   * One GET to `host` through Traefik, given up after `limitMs` (5 s unless told). Redirects are not followed; the body is read to its end
   * (1 MiB at most). Never throws for what the edge answers or fails to answer, only with the reason of the signal.
   */
  probe(host: string, path: string, signal: AbortSignal, limitMs?: number): Promise<EdgeAnswer>;
};

export type Hold = {
  deploymentId: number;
  /** The host that is held, e.g. `project-1-feature-a.kosuke.ai`. */
  host: string;
  /** The version the host stays on, or the gate. */
  to: { deploymentId: number; containerName: string } | 'gate' | 'unreadable';
};

export type EdgeAnswer =
  /** `connected`: something took the request and said nothing: Traefik waiting for an app, or not Traefik at all. */
  | { kind: 'no-edge'; why: string; connected: boolean }
  | {
      kind: 'answer';
      status: number;
      /** `X-Kosuke-Deployment`, `X-Kosuke-Hold`, `X-Kosuke-State` of the answer. */
      deploymentId: number | null;
      holdId: number | null;
      gateState: string | null;
      /** The connection ended before the body did. */
      broken: boolean;
      /** The app says that its port is for TLS and was asked in plain HTTP. */
      wantsTls: boolean;
    };
