import { KosukeError } from '../../domain/errors.ts';
import { commitHostLabel, networkName, portUrl } from '../../domain/host.ts';
import { appLabels } from '../../domain/labels.ts';
import { type Deployment, endedStates } from '../../domain/deployment.ts';
import { branchNameOf } from '../../domain/preview.ts';
import type { Deps } from '../deps.ts';
import { fence, LeaseLost, mustHold } from '../fence.ts';
import { imageGone } from '../image-gone.ts';
import { ImageMissing, type ContainerSpec } from '../ports/engine.ts';
import type { Watched } from '../readiness.ts';
import { seenPorts } from '../seen-ports.ts';
import { authority, containerNameOf, deploymentOf, publicHost, type Context } from './context.ts';
import { errorOf, failedOf } from './fail.ts';

/**
 * Row first, then the thing: `starting`, then a container (the one that is there, else a new one), then its start, then the probe. A
 * container whose port somebody else has got meanwhile, or whose network is gone, is replaced by one with another.
 * An image that is gone is built again. What was created while the lease was lost goes when its deployment is over.
 */
export async function start(deps: Deps, context: Context, deploymentId: number, signal: AbortSignal): Promise<void> {
  const { lease } = context;
  const deployment = deploymentOf(context, deploymentId);
  deps.readiness.forget(deploymentId);
  mustHold(await deps.store.deployments.update(lease, deploymentId, { state: 'starting', startedAt: deps.clock.now(), readyAt: null, retryAt: null, failure: null }));
  try {
    const id = await bringUp(deps, context, deployment, signal);
    await undoWhenLost(deps, context, deploymentId, id);
  } catch (error) {
    await notStarted(deps, context, deployment, error);
    return;
  }
  deps.log.info({ deployment: deploymentId }, 'started');
  watch(deps, context, deploymentId);
}

/** Probes the version through Traefik at its own host; the verdict kicks the preview. */
export function watch(deps: Deps, context: Context, deploymentId: number): void {
  const { preview } = context;
  const deployment = deploymentOf(context, deploymentId);
  const host = deps.config.host(commitHostLabel(preview.project.id, deployment.sha, deploymentId));
  const ports = portsToLookAt(deps, context, deployment);
  deps.readiness.watch({ deploymentId, previewId: preview.id, host, path: '/', timeoutMs: deps.config.healthTimeoutMs, ports }, () => {
    deps.store.previews.kick(preview.id, { look: false }, deps.clock.now()).catch((error: unknown) => {
      deps.log.error({ err: error, preview: preview.id }, 'a verdict could not be passed on; the next pass finds it');
    });
  });
}

/** None once the port is known to be right: it was found by such a look, or the version was reached there before. */
function portsToLookAt(deps: Deps, context: Context, { id, port, portFound, exposedPorts, switchedAt }: Deployment): Watched['ports'] {
  if (port === null || portFound || switchedAt !== null) return null;
  const name = containerNameOf(context, id);
  const facts = { expected: port, exposed: exposedPorts };
  return { ...facts, look: (signal) => seenPorts(deps, name, { ...facts, host: authority(deps, context) }, signal) };
}

/** Resolves with the id of the container that was started. */
async function bringUp(deps: Deps, context: Context, deployment: Deployment, signal: AbortSignal): Promise<string> {
  let existing = context.observed.containers.find((c) => c.deploymentId === deployment.id && c.fits)?.id;
  for (let tries = 1; ; tries += 1) {
    const id = existing ?? (await create(deps, context, deployment, signal));
    try {
      await deps.engine.startContainer(id, signal);
      return id;
    } catch (error) {
      if (tries === mostPorts || !(error instanceof KosukeError) || !canBeReplaced(error, existing)) throw error;
      deps.log.info({ deployment: deployment.id, code: error.failure.code, why: error.failure.why }, 'a container cannot start any more as it was made; another is made');
      await deps.engine.removeContainer(id, signal);
      existing = undefined;
    }
  }
}

/** One that was made just now has the network that is there: the next would have no other. */
function canBeReplaced({ failure: { code } }: KosukeError, existing: string | undefined): boolean {
  return code === 'port-taken' || (code === 'network-gone' && existing !== undefined);
}

async function create(deps: Deps, context: Context, deployment: Deployment, signal: AbortSignal): Promise<string> {
  const hostPort = (await deps.edge.ports?.free(signal)) ?? null;
  const { id } = await deps.engine.createContainer(specOf(deps, context, deployment, hostPort), signal);
  await undoWhenLost(deps, context, deployment.id, id);
  return id;
}

async function undoWhenLost(deps: Deps, context: Context, deploymentId: number, containerId: string): Promise<void> {
  try {
    await fence(deps, context.lease);
  } catch (error) {
    if (error instanceof LeaseLost) await undo(deps, context, deploymentId, containerId);
    throw error;
  }
}

/** Whoever has the lease now may have taken the container up and serve from it: only one that nobody can want is removed, others are for them to see. */
async function undo(deps: Deps, { preview }: Context, deploymentId: number, containerId: string): Promise<void> {
  const deployment = await deps.store.deployments.byId(deploymentId);
  if (deployment === null || endedStates.includes(deployment.state)) await deps.engine.removeContainer(containerId, AbortSignal.timeout(undoLimitMs));
  else await deps.store.previews.kick(preview.id, { look: false }, deps.clock.now());
}

async function notStarted(deps: Deps, context: Context, deployment: Deployment, error: unknown): Promise<void> {
  if (error instanceof ImageMissing) return await buildAgain(deps, context, deployment);
  if (!(error instanceof KosukeError)) throw error;
  deps.log.warn({ err: error, deployment: deployment.id }, 'the container did not start');
  if (error.failure.fault === 'app') await failedOf(deps, context, deployment.id, error.failure, null);
  else await errorOf(deps, context, deployment.id, error.failure);
}

/**
 * Once at once: that it had to is an attempt on the row until it is live. What takes the image away again is no accident, and then it is built
 * again after growing waits, as after any error of ours.
 */
async function buildAgain(deps: Deps, context: Context, { id, image, attempts }: Deployment): Promise<void> {
  const again = { image: null, port: null };
  if (attempts === 0) {
    deps.log.info({ deployment: id, image }, 'the image is gone; it is built again');
    mustHold(await deps.store.deployments.update(context.lease, id, { ...again, state: 'queued', attempts: 1 }));
    return;
  }
  await errorOf(deps, context, id, imageGone('it was built again, and is gone again'));
  mustHold(await deps.store.deployments.update(context.lease, id, again));
}

/** `hostPort`: where it is published; `null`: Traefik finds it by its labels. */
function specOf(deps: Deps, context: Context, deployment: Deployment, hostPort: number | null): ContainerSpec {
  const { preview } = context;
  const { project, hostLabel } = preview;
  const host = publicHost(deps, context);
  const url = hostPort === null ? deps.config.url(hostLabel) : portUrl(hostPort);
  const name = containerNameOf(context, deployment.id);
  const network = networkName(hostLabel);
  if (deployment.image === null || deployment.port === null) throw new Error(`deployment ${deployment.id} is to start before it was built`);
  return {
    name,
    image: deployment.image,
    network,
    labels: appLabels({
      instance: deps.config.instance,
      projectId: project.id,
      previewId: preview.id,
      deploymentId: deployment.id,
      sha: deployment.sha,
      containerName: name,
      networkName: network,
      host,
      authority: authority(deps, context),
      commitHost: deps.config.host(commitHostLabel(project.id, deployment.sha, deployment.id)),
      entryPoint: deps.config.entryPoint,
      port: deployment.port,
      edge: hostPort === null,
    }),
    env: {
      PORT: String(deployment.port),
      PREVIEW_URL: url,
      PREVIEW_HOST: new URL(url).hostname,
      PREVIEW_BRANCH: branchNameOf(preview.ref),
      PREVIEW_COMMIT: deployment.sha,
      PREVIEW_PULL_REQUEST: deployment.pullNumber === null ? '' : String(deployment.pullNumber),
    },
    memoryBytes: deps.config.memoryBytes,
    cpus: deps.config.cpus,
    init: deployment.withInit,
    ...(hostPort === null ? {} : { publish: { containerPort: deployment.port, hostPort } }),
  };
}

/** Ports that are tried in one go. */
const mostPorts = 5;
const undoLimitMs = 15_000;
