import { buffer, text } from 'node:stream/consumers';
import type Dockerode from 'dockerode';
import { unframe } from '../../../src/docker/logs.ts';
import type { World } from '../world.ts';
import type { Place } from './search.ts';

/** All that the engine shows of a container: inspection, log, environment of its first process, and every file in it. One that goes meanwhile is left out. */
export async function containerPlaces(docker: Dockerode, name: string): Promise<Place[]> {
  const container = docker.getContainer(name);
  const inspection = await unlessGone(container.inspect());
  if (inspection === null) return [];
  const log = await unlessGone(container.logs({ stdout: true, stderr: true, follow: false }));
  const files = await unlessGone(container.export().then((stream) => buffer(stream)));
  const environment = inspection.State.Running ? await unlessGone(outputOf(container, ['cat', '/proc/1/environ'])) : null;
  return [
    { where: `inspection of the container ${name}`, what: JSON.stringify(inspection) },
    ...(log === null ? [] : [{ where: `log of the container ${name}`, what: unframe(log) }]),
    ...(environment === null ? [] : [{ where: `environment inside of the container ${name}`, what: environment }]),
    ...(files === null ? [] : [{ where: `files in the container ${name}`, what: files }]),
  ];
}

/** Inspection, history and every layer of an image, also what a later layer hides. */
export async function imagePlaces(docker: Dockerode, name: string): Promise<Place[]> {
  const image = docker.getImage(name);
  const inspection = await unlessGone(image.inspect());
  if (inspection === null) return [];
  const history = await unlessGone(image.history());
  const layers = await unlessGone(image.get().then((stream) => buffer(stream)));
  return [
    { where: `inspection of the image ${name}`, what: JSON.stringify(inspection) },
    { where: `history of the image ${name}`, what: JSON.stringify(history) },
    ...(layers === null ? [] : [{ where: `layers of the image ${name}`, what: layers }]),
  ];
}

/** The same of all that the program has on the engine now, and its networks. */
export async function enginePlaces({ docker, remains }: Pick<World, 'docker' | 'remains'>): Promise<Place[]> {
  const { containers, networks, images } = await remains();
  const places: Place[] = [];
  for (const name of containers) places.push(...(await containerPlaces(docker, name)));
  for (const name of images) places.push(...(await imagePlaces(docker, name)));
  for (const name of networks) {
    const inspection = await unlessGone(docker.getNetwork(name).inspect());
    if (inspection !== null) places.push({ where: `inspection of the network ${name}`, what: JSON.stringify(inspection) });
  }
  return places;
}

async function outputOf(container: Dockerode.Container, command: string[]): Promise<string> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  return text(await exec.start({}));
}

/** `null` for what the program removed, or what ended, while it was looked at. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && (error.statusCode === 404 || error.statusCode === 409)) return null;
    throw error;
  }
}
