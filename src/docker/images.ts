import type { ImageInspectInfo } from 'dockerode';
import type { ImageFacts } from '../reconcile/ports/engine.ts';
import { call, statusOf } from './call.ts';
import type { Context } from './context.ts';
import { get } from './get.ts';

/** Id, labels, command and exposed ports (TCP ones that exist lowest first, and how many of any kind) of an image, `null` when it is not on the engine. */
export async function inspectImage(context: Context, name: string, signal: AbortSignal): Promise<ImageFacts | null> {
  try {
    const image = await call(`reading image ${name}`, { signal, ms: context.limitMs }, (abortSignal) =>
      get<ImageInspectInfo>(context.docker, `/images/${name}/json`, abortSignal),
    );
    // Newer engines leave empty fields out.
    const { Labels: labels, ExposedPorts: ports, Entrypoint: entrypoint, Cmd: cmd } = image.Config ?? {};
    return {
      id: image.Id,
      labels: labels ?? {},
      exposedPorts: tcpPorts(ports ?? {}),
      exposedCount: Object.keys(ports ?? {}).length,
      command: [entrypoint ?? [], cmd ?? []].flat(),
    };
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** Removes the name, and the image when it was its last. `false` when it was gone, or stays because a container uses it. */
export async function removeImage(context: Context, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await call(`removing image ${name}`, { signal, ms: context.limitMs }, (abortSignal) =>
      context.docker.getImage(name).remove({ abortSignal }),
    );
    return true;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 409) return false;
    throw error;
  }
}

/** Names (with tag) of the images that start with `prefix`, sorted. */
export async function imageNames(context: Context, prefix: string, signal: AbortSignal): Promise<string[]> {
  const images = await call('listing images', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.listImages({ abortSignal }),
  );
  return images
    .flatMap((image) => image.RepoTags ?? [])
    .filter((name) => name.startsWith(prefix))
    .toSorted();
}

/** The engine takes `EXPOSE 0`, too. */
function tcpPorts(exposed: Record<string, object>): number[] {
  return Object.keys(exposed)
    .flatMap((key) => /^(\d+)(?:\/tcp)?$/.exec(key)?.[1] ?? [])
    .map(Number)
    .filter((port) => port >= 1 && port <= 65_535)
    .toSorted((a, b) => a - b);
}
