import { commitOfLabel, containerName, portUrl } from '../domain/host.ts';
import type { Edge, EdgeAnswer, Hold } from '../reconcile/ports/edge.ts';
import type { Engine, PublishedPort } from '../reconcile/ports/engine.ts';
import { freePort } from './free-port.ts';
import { probe } from './probe.ts';

export type DirectEdgeOptions = {
  engine: Pick<Engine, 'things' | 'publishedPorts'>;
  /** From 0 to 1, like `Math.random`. */
  random: () => number;
};

/**
 * The edge of an installation without Traefik: nothing stands before the containers, each is reached at its own port. So a hold moves
 * nobody; it is remembered while the program runs, since a plan goes by what is held. A probe asks the container that the host stands for,
 * and says of its answer what Traefik's headers would; without one it answers as the gate would.
 */
export function createDirectEdge({ engine, random }: DirectEdgeOptions): Edge {
  const holds = new Map<number, Hold>();

  return {
    ports: { free: (signal) => freePort(engine, random, signal) },
    writeGate: () => Promise.resolve(),
    holds: () => Promise.resolve([...holds.values()]),
    writeHold: (hold) => Promise.resolve(void holds.set(hold.deploymentId, hold)),
    removeHold: (deploymentId) => Promise.resolve(void holds.delete(deploymentId)),
    async probe(host, path, signal, limitMs = 5_000) {
      if (path.startsWith('/_kosuke/')) return nothingRuns(null);
      const held = Math.max(...[...holds.values()].filter((hold) => hold.host === host).map((hold) => hold.deploymentId));
      if (held > 0) return nothingRuns(held);
      try {
        const version = versionAt(host, await engine.publishedPorts(AbortSignal.any([signal, AbortSignal.timeout(limitMs)])));
        return version === undefined ? nothingRuns(null) : await ask(version, path, signal, limitMs);
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'no-edge', why: error instanceof Error ? error.message : String(error), connected: false };
      }
    },
  };
}

/** Of a commit's host its container; of a preview's the newest, as the priorities of labels have it. */
function versionAt(host: string, running: readonly PublishedPort[]): PublishedPort | undefined {
  const label = host.slice(0, host.indexOf('.'));
  const commit = commitOfLabel(label);
  if (commit !== null) return running.find(({ deploymentId }) => deploymentId === commit.deploymentId);
  return running
    .filter((each) => each.containerName === containerName(label, each.deploymentId))
    .toSorted((a, b) => b.deploymentId - a.deploymentId)[0];
}

/**
 * An app that takes a request and is silent is told by `connected`, as at Traefik. One that does not listen is 502: the engine takes the
 * connection in its place and drops it.
 */
async function ask({ deploymentId, port }: PublishedPort, path: string, signal: AbortSignal, limitMs: number): Promise<EdgeAnswer> {
  const answer = await probe({ address: { host: '127.0.0.1', port }, scheme: 'http', host: new URL(portUrl(port)).host, path, limitMs }, signal);
  if (answer.kind === 'no-edge' && answer.connected) return answer;
  const { status, broken, wantsTls } = answer.kind === 'answer' ? answer : { status: 502, broken: false, wantsTls: false };
  return { kind: 'answer', status, deploymentId, holdId: null, gateState: null, broken, wantsTls };
}

function nothingRuns(holdId: number | null): EdgeAnswer {
  return { kind: 'answer', status: 503, deploymentId: null, holdId, gateState: 'starting', broken: false, wantsTls: false };
}
