import type { DiskUsage } from '../../domain/disk.ts';
import type { PortAnswer } from '../../domain/ports.ts';

/**
 * The Docker Engine. Every method has a time limit of its own besides the given signal and throws `KosukeError` with code
 * `engine`. Names and labels come from `domain/`. "Ours" means: carries `kosuke.instance` equal to the instance id.
 */
export type Engine = {
  ping(signal: AbortSignal): Promise<{ version: string; apiVersion: string }>;
  /** All containers and networks of ours; of one preview when given. */
  things(signal: AbortSignal, previewId?: number): Promise<Things>;
  /** Ports of 127.0.0.1 at which running containers of ours are reached; quick, for it is asked with each probe. */
  publishedPorts(signal: AbortSignal): Promise<PublishedPort[]>;
  /** The highest `kosuke.deployment` label on the engine, whoever's; 0 when there is none. */
  highestDeployment(signal: AbortSignal): Promise<number>;
  /** Creates the network with the first free subnet of our pool; one that is there already is fine. */
  ensureNetwork(network: { name: string; labels: Record<string, string> }, signal: AbortSignal): Promise<void>;
  /** Detaches what is attached and removes; one that is gone is fine. */
  removeNetwork(name: string, signal: AbortSignal): Promise<void>;
  /**
   * Creates from the allowlist. A name that is taken by a container of the same preview is removed first. Throws code
   * `reserved-labels` (fault app) when the created container's reserved labels are not exactly `labels`, after removing it,
   * `too-many-ports` (fault app) when the image exposes more than 32, and code `exited` (fault app) when the image names no command; throws `ImageMissing` when the image is gone.
   */
  createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<{ id: string }>;
  /**
   * One that runs is fine. Throws code `exited` (fault app) when the image's user or command cannot be run at all, code `port-taken` when
   * something else has the port that it publishes, and code `network-gone` when the network that it was made in is not there any more: it will
   * not start with that one. It starts in no network that is not of its preview.
   */
  startContainer(id: string, signal: AbortSignal): Promise<void>;
  /** TERM, then KILL after `graceSeconds`; one that is stopped or gone is fine. */
  stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<void>;
  /** Removes with its anonymous volumes; one that is gone is fine. */
  removeContainer(id: string, signal: AbortSignal): Promise<void>;
  /** The last lines a container wrote, stdout and stderr in order, at most `maxBytes`. */
  logTail(id: string, maxBytes: number, signal: AbortSignal): Promise<string>;
  /** TCP ports that processes in the container listen on (loopback-only ones marked); `null` where it cannot be read. */
  listeningPorts(id: string, signal: AbortSignal): Promise<{ port: number; loopbackOnly: boolean }[] | null>;
  /** What comes of a plain GET of `/` at a port of a running container, asked for `host`, past Traefik; what does not answer within 3 s is silent. */
  askPort(id: string, port: number, host: string, signal: AbortSignal): Promise<PortAnswer>;
  /**
   * The names of the capabilities that a program in a container asks for by its file (setcap), e.g. `IPC_LOCK`, those that the container has included; none for one that asks
   * for none or is not there. A path without a slash is looked for where shells look.
   */
  fileCapabilities(id: string, path: string, signal: AbortSignal): Promise<string[]>;
  image(name: string, signal: AbortSignal): Promise<ImageFacts | null>;
  /** Removes the name (and the image when it was its last); gone or in use by a container is fine: returns whether it went. */
  removeImage(name: string, signal: AbortSignal): Promise<boolean>;
  /** Names of images that start with `prefix`. */
  imageNames(prefix: string, signal: AbortSignal): Promise<string[]>;
  /** What images by our names and the build cache take; slow on a large engine. */
  diskUsage(signal: AbortSignal): Promise<DiskUsage>;
  /** Removes build cache that nothing uses, the longest unused first, until about `keepBytes` are left; resolves with how many bytes went. */
  pruneCache(keepBytes: number, signal: AbortSignal): Promise<number>;
  /**
   * Calls `onEvent` for starts, deaths and kills of our containers, once with `connected` each time the stream (re)opens, and with `lost` when it ends; reconnects
   * until the signal ends.
   */
  watch(onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<void>;
};

export type Things = { containers: ContainerFacts[]; networks: { name: string; previewId: number }[] };

export type ContainerFacts = {
  id: string;
  name: string;
  previewId: number;
  deploymentId: number;
  status: 'created' | 'running' | 'exited';
  /** Of an exited one. */
  exitCode: number | null;
  oomKilled: boolean;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** On 127.0.0.1, of one that was created with `publish`; the same whether it runs or not. */
  publishedPort: number | null;
};

export type ContainerSpec = {
  name: string;
  image: string;
  network: string;
  labels: Record<string, string>;
  env: Record<string, string>;
  memoryBytes: number;
  cpus: number;
  /** Whether the engine's own init is process 1. */
  init: boolean;
  /** Set only when Traefik is off: the container's port, and the one of 127.0.0.1 at which it is published. */
  publish?: { containerPort: number; hostPort: number };
};

export type PublishedPort = { containerName: string; deploymentId: number; port: number };

export type ImageFacts = {
  id: string;
  labels: Record<string, string>;
  /** TCP ports from 1 to 65,535. */
  exposedPorts: number[];
  /** ENTRYPOINT and CMD, as its containers run them. */
  command: string[];
  /** How many ports of any kind. */
  exposedCount: number;
};

export type EngineEvent =
  | { kind: 'connected' }
  | { kind: 'lost' }
  | { kind: 'start' | 'die'; previewId: number; deploymentId: number }
  /** Somebody ends it through the engine (`docker kill`, `stop`, `rm -f`): told before its death. `at`: by the engine's clock. */
  | { kind: 'kill'; containerId: string; at: Date };

/** The image of a container to be created is not on the engine (any more). */
export class ImageMissing extends Error {
  override readonly name = 'ImageMissing';
}
