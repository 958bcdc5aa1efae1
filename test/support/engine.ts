import { createHash, randomBytes } from 'node:crypto';
import Dockerode from 'dockerode';
import { pino } from 'pino';
import { createEngine } from '../../src/docker/engine.ts';
import { instanceFilter, networkLabels } from '../../src/domain/labels.ts';
import type { ContainerSpec, Engine } from '../../src/reconcile/ports/engine.ts';

export type EngineForTest = {
  docker: Dockerode;
  engine: Engine;
  /** A random instance id: no other test or program sees what is made under it. */
  instance: string;
  log: typeof silent;
  /** What `createContainer` needs: `busybox:1.37` without a network, unless `changes` say otherwise. */
  spec(deploymentId: number, changes?: Partial<ContainerSpec>): ContainerSpec;
  /**
   * An image over `busybox:1.37` with Dockerfile instructions that need no build (CMD, LABEL, EXPOSE, USER …); returns its name, which
   * starts with `kosuke-test/<instance>:<tag>`. The same instructions give the same image.
   */
  image(tag: string, instructions: string[]): Promise<string>;
  /** Removes every container, network and image that was made under this instance id. */
  cleanUp(): Promise<void>;
};

export const testPreviewId = 7;
const silent = pino({ level: 'silent' });

/** The engine of this machine (DOCKER_HOST, else its socket) under an instance id of its own. */
export function engineForTest(options: { limitMs?: number } = {}): EngineForTest {
  const docker = new Dockerode();
  const images = new Map<string, Promise<string>>();
  const instance = `test-${randomBytes(6).toString('hex')}`;
  const engine = createEngine({ docker, instance, subnets: '10.232.0.0/16', log: silent, ...options });
  return {
    docker,
    engine,
    instance,
    log: silent,
    spec: (deploymentId, changes = {}) => ({
      name: `kosuke-preview-${instance}-${deploymentId}`,
      image: 'busybox:1.37',
      network: 'none',
      labels: { ...networkLabels({ instance, previewId: testPreviewId }), 'kosuke.deployment': String(deploymentId) },
      env: {},
      memoryBytes: 64 * 1024 * 1024,
      cpus: 0.5,
      init: true,
      ...changes,
    }),
    image(tag, instructions) {
      const hash = createHash('sha256').update(instructions.join('\n')).digest('hex').slice(0, 8);
      const name = `kosuke-test/${instance}:${tag}-${hash}`;
      const made = images.get(name) ?? commitImage(docker, name, instructions);
      images.set(name, made);
      return made;
    },
    cleanUp: () => cleanUp(docker, instance),
  };
}

async function commitImage(docker: Dockerode, name: string, instructions: string[]): Promise<string> {
  const container = await docker.createContainer({ Image: 'busybox:1.37', Cmd: ['true'] });
  try {
    const [repo, tag] = name.split(':');
    await container.commit({ repo, tag, changes: instructions.join('\n') });
    return name;
  } finally {
    await container.remove();
  }
}

async function cleanUp(docker: Dockerode, instance: string): Promise<void> {
  const filters = { label: [instanceFilter(instance)] };
  for (const container of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(container.Id).remove({ force: true, v: true });
  }
  for (const network of await docker.listNetworks({ filters })) await docker.getNetwork(network.Id).remove();
  for (const image of await docker.listImages({ filters: { reference: [`kosuke-test/${instance}`] } })) {
    for (const name of image.RepoTags ?? []) await docker.getImage(name).remove({ force: true });
  }
}
