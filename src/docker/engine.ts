import type Dockerode from 'dockerode';
import type { DockerVersion } from 'dockerode';
import type { Logger } from 'pino';
import type { Engine } from '../reconcile/ports/engine.ts';
import { askPort } from './ask-port.ts';
import { call, reasonOf } from './call.ts';
import type { Context } from './context.ts';
import { createContainer } from './create.ts';
import { watch } from './events.ts';
import { fileCapabilities } from './file-capabilities.ts';
import { get } from './get.ts';
import { imageNames, inspectImage, removeImage } from './images.ts';
import { listeningPorts } from './listening-ports.ts';
import { logTail } from './logs.ts';
import { createNetworks } from './networks.ts';
import { publishedPorts } from './published.ts';
import { removeContainer } from './remove.ts';
import { startContainer } from './start.ts';
import { stopContainer } from './stop.ts';
import { highestDeployment, things } from './things.ts';
import { diskUsage, pruneCache } from './usage.ts';

/**
 * The Docker Engine behind `docker` (API 1.41 to 1.52). `instance`: the id that marks what is ours. `subnets`: the pool that
 * previews' networks are cut from, e.g. `10.232.0.0/16`. `limitMs`: time limit of one request.
 */
export function createEngine(options: {
  docker: Dockerode;
  instance: string;
  subnets: string;
  log: Logger;
  limitMs?: number;
}): Engine {
  const context: Context = { limitMs: 30_000, ...options };
  const networks = createNetworks(context, options.subnets);
  let ipv6Switch = true;

  return {
    ping: (signal) => ping(context, signal),
    things: (signal, previewId) => things(context, signal, previewId),
    publishedPorts: (signal) => publishedPorts(context, signal),
    highestDeployment: (signal) => highestDeployment(context, signal),
    ensureNetwork: networks.ensure,
    removeNetwork: networks.remove,
    createContainer: (spec, signal) => createContainer(context, spec, ipv6Switch, signal),
    async startContainer(id, signal) {
      try {
        await startContainer(context, id, signal);
      } catch (error) {
        // A kernel without IPv6 has no switch to turn it off: containers made from now on, the next try's first, go without.
        if (reasonOf(error).includes('disable_ipv6')) ipv6Switch = false;
        throw error;
      }
    },
    stopContainer: (id, graceSeconds, signal) => stopContainer(context, id, graceSeconds, signal),
    removeContainer: (id, signal) => removeContainer(context, id, signal),
    logTail: (id, maxBytes, signal) => logTail(context, id, maxBytes, signal),
    listeningPorts: (id, signal) => listeningPorts(context, id, signal),
    askPort: (id, port, host, signal) => askPort(context, id, port, host, signal),
    fileCapabilities: (id, path, signal) => fileCapabilities(context, id, path, signal),
    image: (name, signal) => inspectImage(context, name, signal),
    removeImage: (name, signal) => removeImage(context, name, signal),
    imageNames: (prefix, signal) => imageNames(context, prefix, signal),
    diskUsage: (signal) => diskUsage(context, signal),
    pruneCache: (keepBytes, signal) => pruneCache(context, keepBytes, signal),
    watch: (onEvent, signal) => watch(context, onEvent, signal),
  };
}

async function ping(context: Context, signal: AbortSignal): Promise<{ version: string; apiVersion: string }> {
  const facts = await call('asking for its version', { signal, ms: context.limitMs }, (abortSignal) =>
    get<DockerVersion>(context.docker, '/version', abortSignal),
  );
  return { version: facts.Version, apiVersion: facts.ApiVersion };
}
