import type { DiskUsage } from '../../../src/domain/disk.ts';
import type { PortAnswer } from '../../../src/domain/ports.ts';
import { labelKeys } from '../../../src/domain/labels.ts';
import { ImageMissing, type ContainerFacts, type ContainerSpec, type Engine, type ImageFacts } from '../../../src/reconcile/ports/engine.ts';

export type FakeEngine = Engine & {
  containers: ContainerFacts[];
  networks: Map<string, number>;
  images: Map<string, ImageFacts>;
  specs: ContainerSpec[];
  /** Everything that changed the engine, in order, e.g. `start kosuke-preview-project-1-a-1`. */
  did: string[];
  /** Called before each change; a throw is the engine's. */
  before: (what: string) => void | Promise<void>;
  /** Called after each start. */
  started: (deploymentId: number) => void;
  exit(deploymentId: number, exitCode: number): void;
  ports: { port: number; loopbackOnly: boolean }[] | null;
  /** What comes of a GET at a port; without an entry HTTP with status 200. */
  answers: Map<number, PortAnswer>;
  /** What programs ask for by their files. */
  capabilities: Map<string, string[]>;
  version: string;
  /** When somebody ended a container through it. */
  kills: Map<string, Date>;
  tail: string;
  usage: DiskUsage;
};

/** An engine in memory behind our own port. */
export function fakeEngine(now: () => Date): FakeEngine {
  let nextId = 1;
  const find = (id: string) => engine.containers.find((c) => c.id === id);
  const change = async (what: string) => {
    await engine.before(what);
    engine.did.push(what);
  };
  const engine: FakeEngine = {
    containers: [],
    networks: new Map(),
    images: new Map(),
    specs: [],
    did: [],
    before: () => undefined,
    started: () => undefined,
    ports: null,
    answers: new Map(),
    capabilities: new Map(),
    version: 'fake',
    kills: new Map(),
    tail: 'last words',
    usage: { imageBytes: 0, cacheBytes: 0 },
    exit(deploymentId, exitCode) {
      engine.containers = engine.containers.map((c) => (c.deploymentId === deploymentId ? { ...c, status: 'exited', exitCode, finishedAt: now() } : c));
    },
    ping: () => Promise.resolve({ version: engine.version, apiVersion: '1.41' }),
    things: (_signal, previewId) =>
      Promise.resolve({
        containers: engine.containers.filter((c) => previewId === undefined || c.previewId === previewId).map((c) => ({ ...c })),
        networks: [...engine.networks].filter(([, id]) => previewId === undefined || id === previewId).map(([name, id]) => ({ name, previewId: id })),
      }),
    publishedPorts: () =>
      Promise.resolve(
        engine.containers.flatMap(({ name, deploymentId, status, publishedPort: port }) =>
          status === 'running' && port !== null ? [{ containerName: name, deploymentId, port }] : [],
        ),
      ),
    highestDeployment: () => Promise.resolve(0),
    async ensureNetwork({ name, labels }) {
      await change(`network ${name}`);
      engine.networks.set(name, Number(labels[labelKeys.preview]));
    },
    async removeNetwork(name) {
      await change(`remove network ${name}`);
      engine.networks.delete(name);
    },
    async createContainer(spec) {
      if (!engine.images.has(spec.image)) throw new ImageMissing(spec.image);
      await change(`create ${spec.name}`);
      const id = `id-${nextId++}`;
      engine.specs.push(spec);
      engine.containers.push({
        id,
        name: spec.name,
        previewId: Number(spec.labels[labelKeys.preview]),
        deploymentId: Number(spec.labels[labelKeys.deployment]),
        status: 'created',
        exitCode: null,
        oomKilled: false,
        publishedPort: spec.publish?.hostPort ?? null,
        startedAt: null,
        finishedAt: null,
      });
      return { id };
    },
    async startContainer(id) {
      await change(`start ${find(id)?.name}`);
      Object.assign(find(id)!, { status: 'running', exitCode: null, startedAt: now() });
      engine.started(find(id)!.deploymentId);
    },
    async stopContainer(id) {
      if (find(id)?.status !== 'running') return;
      await change(`stop ${find(id)?.name}`);
      Object.assign(find(id)!, { status: 'exited', exitCode: 143, finishedAt: now() });
    },
    async removeContainer(id) {
      if (find(id) === undefined) return;
      await change(`remove ${find(id)?.name}`);
      engine.containers = engine.containers.filter((c) => c.id !== id);
    },
    logTail: () => Promise.resolve(engine.tail),
    listeningPorts: () => Promise.resolve(engine.ports),
    askPort: (_id, port) => Promise.resolve(engine.answers.get(port) ?? { kind: 'http', status: 200 }),
    fileCapabilities: (_id, path) => Promise.resolve(engine.capabilities.get(path) ?? []),
    image: (name) => Promise.resolve(engine.images.get(name) ?? null),
    async removeImage(name) {
      if (engine.containers.some((c) => engine.specs.some((spec) => spec.name === c.name && spec.image === name))) return false;
      await change(`remove image ${name.replace(/:.*/, '')}`);
      return engine.images.delete(name);
    },
    imageNames: (prefix) => Promise.resolve([...engine.images.keys()].filter((name) => name.startsWith(prefix))),
    diskUsage: () => Promise.resolve({ ...engine.usage }),
    async pruneCache(keepBytes) {
      await change(`prune the build cache to ${keepBytes}`);
      const removed = Math.max(0, engine.usage.cacheBytes - keepBytes);
      engine.usage.cacheBytes -= removed;
      return removed;
    },
    watch: () => new Promise(() => undefined),
  };
  return engine;
}
