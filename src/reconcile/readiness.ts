import type { Logger } from 'pino';
import type { Verdict } from '../domain/plan/observed.ts';
import type { SeenPort } from '../domain/ports.ts';
import { createPortLook } from './port-look.ts';
import type { Clock } from './ports/clock.ts';
import type { Edge } from './ports/edge.ts';

/** Probes of versions that were started; a pass only reads what they found. */
export type Readiness = {
  /** Begins to probe, unless it is being probed already. `onVerdict` is called once, when it is ready or late. */
  watch(version: Watched, onVerdict: () => void): void;
  /** What is known of each version that is or was probed. */
  verdicts(): ReadonlyMap<number, Verdict>;
  /** Ends a probe and forgets its verdict. */
  forget(deploymentId: number): void;
  stop(): void;
};

export type Watched = {
  deploymentId: number;
  previewId: number;
  host: string;
  path: string;
  timeoutMs: number;
  /** What is looked at while the app does not answer on the port that was expected; `null`: it stays with that port. */
  ports: { expected: number; exposed: readonly number[]; look(signal: AbortSignal): Promise<readonly SeenPort[] | null> } | null;
};

/**
 * Ready is a whole answer below 500 that carries our header with this deployment's id and is not the gate's: Traefik's own 502 carries
 * the header too, so both count. A probe is a visitor like any other: one at a time, and each has as long as is left. Time in which Traefik does not
 * answer at all does not count; but an app that takes a request and is silent, while Traefik answers for the gate at the same host, is late like any
 * other. An app that listens on another port than was expected is told as soon as that is clear.
 */
export function createReadiness(deps: Parts): Readiness {
  const probes = new Map<number, Probe>();
  return {
    watch(version, onVerdict) {
      if (probes.has(version.deploymentId)) return;
      const probe: Probe = { verdict: { kind: 'waiting' }, controller: new AbortController() };
      probes.set(version.deploymentId, probe);
      void follow(deps, version, probe, () => probes.delete(version.deploymentId)).then(onVerdict);
    },
    verdicts: () => new Map([...probes].map(([id, { verdict }]) => [id, verdict])),
    forget(deploymentId) {
      probes.get(deploymentId)?.controller.abort();
      probes.delete(deploymentId);
    },
    stop() {
      for (const { controller } of probes.values()) controller.abort();
      probes.clear();
    },
  };
}

type Parts = { edge: Edge; clock: Clock; log: Logger };
type Probe = { verdict: Verdict; controller: AbortController };

/** Never throws: a probe that breaks off is forgotten, and the next pass begins another. */
async function follow(deps: Parts, version: Watched, probe: Probe, forget: () => void): Promise<void> {
  try {
    probe.verdict = await probeUntilVerdict(deps, version, probe.controller.signal);
    if (probe.verdict.kind === 'ready') deps.log.info({ preview: version.previewId, deployment: version.deploymentId }, 'ready');
  } catch (error) {
    if (probe.controller.signal.aborted) return;
    forget();
    deps.log.error({ err: error, preview: version.previewId, deployment: version.deploymentId }, 'the probe broke off; the next pass begins another');
  }
}

async function probeUntilVerdict(deps: Parts, version: Watched, signal: AbortSignal): Promise<Verdict> {
  let spentMs = 0;
  let lastOfApp: string | null = null;
  let lastOther = 'no answer';
  const began = deps.clock.now().getTime();
  const portElsewhere = createPortLook(deps, version);
  // Traefik takes as long to hear of it; a probe that finds it too early is answered by the gate and costs more than the wait.
  await deps.clock.sleep(shortestPauseMs, signal);
  for (;;) {
    const before = deps.clock.now().getTime();
    const limitMs = version.timeoutMs - spentMs;
    const answer = await deps.edge.probe(version.host, version.path, signal, limitMs);
    const ofApp = answer.kind === 'answer' && answer.deploymentId === version.deploymentId;
    if (ofApp && answer.status >= 200 && answer.status < 500 && answer.gateState === null && !answer.broken) return { kind: 'ready', wantsTls: answer.wantsTls };
    const silent = answer.kind === 'no-edge' && answer.connected && (await deps.edge.probe(version.host, '/_kosuke/status', signal, statusLimitMs)).kind === 'answer';
    if (ofApp) lastOfApp = `status ${answer.status}${answer.broken ? ', and it broke off before the end of its body' : ''}`;
    // What is cut at the end of the time, after little of it, says less than what came before.
    else if (silent) lastOfApp = limitMs < fairLimitMs && lastOfApp !== null ? lastOfApp : 'none at all: it took the request and was silent';
    else lastOther = answer.kind === 'answer' ? `status ${answer.status} from elsewhere` : answer.why;
    await deps.clock.sleep(pauseMs(deps.clock.now().getTime() - began), signal);
    const counts = answer.kind === 'answer' || silent;
    const spent = (): number => spentMs + (counts ? deps.clock.now().getTime() - before : 0);
    // What an app answers by itself, an error too, it answers on the port that was expected.
    const unreached = silent || (ofApp && unreachedStatus.has(answer.status));
    const found = unreached ? await portElsewhere(spent() >= version.timeoutMs, signal) : null;
    if (found !== null && found.port !== null) return { kind: 'elsewhere', port: found.port };
    spentMs = spent();
    if (spentMs < version.timeoutMs && found === null) continue;
    return lastOfApp === null ? { kind: 'not-ready', fault: 'edge', detail: lastOther } : { kind: 'not-ready', fault: 'app', detail: lastOfApp };
  }
}

/** Traefik's own, where nothing accepts a connection or nothing comes. */
const unreachedStatus: ReadonlySet<number> = new Set([502, 504]);
const fairLimitMs = 5_000;

/** A fiftieth of the time that it has taken: quick for an app that is quick, and no burden while a slow one starts. */
function pauseMs(elapsedMs: number): number {
  return Math.min(longestPauseMs, Math.max(shortestPauseMs, elapsedMs / 50));
}

const statusLimitMs = 5_000;
const shortestPauseMs = 12;
const longestPauseMs = 250;
