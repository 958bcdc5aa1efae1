import { isDeepStrictEqual } from 'node:util';
import { containerName } from '../../../src/domain/host.ts';
import type { Edge, EdgeAnswer, Hold } from '../../../src/reconcile/ports/edge.ts';
import type { FakeEngine } from './engine.ts';

export type FakeEdge = Edge & {
  files: Map<number, Hold>;
  did: string[];
  /** What apps answer, by deployment id; without an entry 200. */
  status: Map<number, number>;
  /** Traefik: takes up holds, takes them off, answers at all. */
  takesHolds: boolean;
  releases: boolean;
  up: boolean;
};

/** Traefik in memory behind our own port: it routes by the same rules to the containers of a fake engine. */
export function fakeEdge(engine: FakeEngine): FakeEdge {
  let released: Hold[] = [];
  const edge: FakeEdge = {
    files: new Map(),
    did: [],
    status: new Map(),
    takesHolds: true,
    releases: true,
    up: true,
    ports: null,
    writeGate: () => Promise.resolve(),
    holds: () => Promise.resolve([...edge.files.values()]),
    writeHold(hold) {
      if (isDeepStrictEqual(edge.files.get(hold.deploymentId), hold)) return Promise.resolve();
      edge.did.push(`hold ${hold.deploymentId} on ${typeof hold.to === 'string' ? hold.to : hold.to.deploymentId}`);
      edge.files.set(hold.deploymentId, hold);
      return Promise.resolve();
    },
    removeHold(deploymentId) {
      const hold = edge.files.get(deploymentId);
      if (hold === undefined) return Promise.resolve();
      edge.did.push(`release ${deploymentId}`);
      if (!edge.releases) released.push(hold);
      edge.files.delete(deploymentId);
      return Promise.resolve();
    },
    probe: (host) => Promise.resolve(edge.up ? answer(host) : { kind: 'no-edge', why: 'connect ECONNREFUSED', connected: false }),
  };

  function answer(host: string): EdgeAnswer {
    const running = engine.containers.filter((c) => c.status === 'running').toSorted((a, b) => b.deploymentId - a.deploymentId);
    const commit = /--[0-9a-f]{10}-([0-9a-z]+)\./.exec(host);
    if (commit !== null) return app(running.find((c) => c.deploymentId === Number.parseInt(commit[1]!, 36))?.deploymentId, null);
    if (edge.releases) released = [];
    const holds = [...(edge.takesHolds ? edge.files.values() : []), ...released].filter((h) => h.host === host);
    const [hold] = holds.toSorted((a, b) => b.deploymentId - a.deploymentId);
    if (hold !== undefined) {
      const to = hold.to;
      const held = typeof to === 'string' ? undefined : running.find((c) => c.name === to.containerName);
      return app(held?.deploymentId, hold.deploymentId);
    }
    return app(running.find((c) => host.startsWith(hostLabelOf(c.name, c.deploymentId)))?.deploymentId, null);
  }

  function app(deploymentId: number | undefined, holdId: number | null): EdgeAnswer {
    if (deploymentId === undefined) return { kind: 'answer', status: 503, deploymentId: null, holdId, gateState: 'starting', broken: false, wantsTls: false };
    return { kind: 'answer', status: edge.status.get(deploymentId) ?? 200, deploymentId, holdId, gateState: null, broken: false, wantsTls: false };
  }

  return edge;
}

function hostLabelOf(name: string, deploymentId: number): string {
  const label = name.slice(containerName('', 0).length - '-0'.length, -`-${deploymentId}`.length);
  return `${label}.`;
}
