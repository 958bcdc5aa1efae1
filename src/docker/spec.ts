import type { ContainerCreateOptions } from 'dockerode';
import { containerCapabilities } from '../domain/capabilities.ts';
import type { ContainerSpec } from '../reconcile/ports/engine.ts';

/**
 * What the engine is asked to create: everything that a pushed repository may decide is in `ContainerSpec`, all the rest is fixed
 * here (DESIGN §5). `ipv6Switch`: whether the engine's kernel has the switch that turns IPv6 off inside the container.
 */
export function createOptions(spec: ContainerSpec, ipv6Switch: boolean): CreateOptions {
  const inside = spec.publish === undefined ? null : `${spec.publish.containerPort}/tcp`;
  return {
    name: spec.name,
    Image: spec.image,
    Labels: { ...spec.labels },
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    // Traefik hides a container that has a health check, its image's too, until it passes.
    Healthcheck: { Test: ['NONE'] },
    Tty: false,
    OpenStdin: false,
    ...(inside === null ? {} : { ExposedPorts: { [inside]: {} } }),
    HostConfig: {
      Init: spec.init,
      NetworkMode: spec.network,
      RestartPolicy: { Name: 'no' },
      Privileged: false,
      SecurityOpt: ['no-new-privileges'],
      CapDrop: ['ALL'],
      CapAdd: [...containerCapabilities],
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      NanoCpus: Math.round(spec.cpus * 1e9),
      PidsLimit: 512,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
      IpcMode: 'private',
      CgroupnsMode: 'private',
      Sysctls: ipv6Switch ? { 'net.ipv6.conf.all.disable_ipv6': '1' } : {},
      PublishAllPorts: false,
      PortBindings: inside === null ? {} : { [inside]: [{ HostIp: '127.0.0.1', HostPort: String(spec.publish?.hostPort) }] },
    },
  };
}

/** With a field of the engine's API that dockerode's types lack. */
export type CreateOptions = ContainerCreateOptions & { HostConfig: { CgroupnsMode: 'private' } };
