import { instanceFilter, labelKeys } from '../domain/labels.ts';
import type { PublishedPort } from '../reconcile/ports/engine.ts';
import { call } from './call.ts';
import type { Context } from './context.ts';
import { idOf } from './things.ts';

/** The ports that our running containers publish, in one request whatever their number. */
export async function publishedPorts(context: Context, signal: AbortSignal): Promise<PublishedPort[]> {
  const containers = await call('listing published ports', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.listContainers({ filters: { label: [instanceFilter(context.instance)] }, abortSignal }),
  );
  return containers.flatMap(({ Names: names, Labels: labels, Ports: ports }) => {
    const port = ports.find(({ PublicPort: published }) => published > 0)?.PublicPort;
    if (port === undefined) return [];
    return [{ containerName: (names[0] ?? '').replace(/^\//, ''), deploymentId: idOf(labels, labelKeys.deployment), port }];
  });
}
