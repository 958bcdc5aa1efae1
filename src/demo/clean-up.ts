import { setTimeout as delay } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import { isOurImage } from '../domain/image-name.ts';
import { instanceFilter } from '../domain/labels.ts';

/** All that one instance of the program has on an engine, by name. */
export type Remains = { containers: string[]; networks: string[]; images: string[] };

/** `imageKey`: the instance's key, by which its images are known among those of others. */
export async function remainsOf(docker: Dockerode, instance: string, imageKey: Buffer): Promise<Remains> {
  const filters = { label: [instanceFilter(instance)] };
  const [containers, networks, images] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listImages({ filters: { reference: ['kosuke-preview/*'] } }),
  ]);
  return {
    containers: containers.map(({ Names, Id }) => Names[0]?.slice(1) ?? Id),
    networks: networks.map(({ Name }) => Name),
    images: images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => isOurImage(imageKey, name)),
  };
}

/** Removes all of it. Tries a few times, for a network may hold on to endpoints that are gone; then throws with what stays. */
export async function removeAllOf(docker: Dockerode, instance: string, imageKey: Buffer): Promise<void> {
  let problems: unknown[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    const { containers, networks, images } = await remainsOf(docker, instance, imageKey);
    if (containers.length + networks.length + images.length === 0) return;
    problems = [
      ...(await failures(containers.map((name) => docker.getContainer(name).remove({ force: true, v: true })))),
      ...(await failures(networks.map((name) => docker.getNetwork(name).remove()))),
      ...(await failures(images.map((name) => docker.getImage(name).remove({ force: true })))),
    ];
    if (problems.length > 0) await delay(300);
  }
  throw new AggregateError(problems, `not everything of instance ${instance} could be removed from the engine`);
}

async function failures(removals: Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(removals);
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
}
