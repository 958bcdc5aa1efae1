import { setTimeout as delay } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import { ourNames } from '../domain/image-name.ts';
import { instanceFilter } from '../domain/labels.ts';

/** All that one instance of the program has on an engine, by name. */
export type Remains = { containers: string[]; networks: string[]; images: string[] };

/** `imageKey`: the instance's key, by which its images are known among those of others. */
export async function remainsOf(docker: Dockerode, instance: string, imageKey: Buffer): Promise<Remains> {
  const { containers, networks, images } = await thingsOf(docker, instance, imageKey);
  return { containers: containers.map(({ name }) => name), networks: networks.map(({ name }) => name), images };
}

/** Removes all of it. Tries for some seconds, for a container may take that long to go; then throws with what stays. */
export async function removeAllOf(docker: Dockerode, instance: string, imageKey: Buffer): Promise<void> {
  let problems: unknown[] = [];
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { containers, networks, images } = await thingsOf(docker, instance, imageKey);
    if (containers.length + networks.length + images.length === 0) return;
    problems = [
      ...(await failures(containers.map(({ id }) => docker.getContainer(id).remove({ force: true, v: true })))),
      ...(await failures(networks.map(({ id }) => removeNetwork(docker.getNetwork(id))))),
    ];
    // One after the other: what is ours by the mark beside it would stay without the mark.
    for (const name of images) problems.push(...(await failures([docker.getImage(name).remove({ force: true })])));
    if (problems.length > 0) await delay(betweenMs);
  }
  throw new AggregateError(problems, `not everything of instance ${instance} could be removed from the engine`);
}

const maxTries = 30;
const betweenMs = 300;

type Thing = { id: string; name: string };

async function thingsOf(docker: Dockerode, instance: string, imageKey: Buffer): Promise<{ containers: Thing[]; networks: Thing[]; images: string[] }> {
  const filters = { label: [instanceFilter(instance)] };
  const [containers, networks, images] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listImages(),
  ]);
  return {
    containers: containers.map(({ Id, Names }) => ({ id: Id, name: Names[0]?.slice(1) ?? Id })),
    networks: networks.map(({ Id, Name }) => ({ id: Id, name: Name })),
    images: images.flatMap(({ RepoTags }) => ourNames(imageKey, RepoTags ?? [])),
  };
}

/** It may hold on to endpoints of containers that are gone, for ever after many were removed at once: those are let go by force. */
async function removeNetwork(network: Dockerode.Network): Promise<void> {
  const { Containers } = (await network.inspect()) as { Containers?: Record<string, unknown> };
  await failures(Object.keys(Containers ?? {}).map((id) => network.disconnect({ Container: id, Force: true })));
  await network.remove();
}

async function failures(removals: Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(removals);
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
}
