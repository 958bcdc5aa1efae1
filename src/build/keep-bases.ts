import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { baseMark, ourNames } from '../domain/image-name.ts';
import { records } from './records.ts';

/**
 * A base image under its name, with our mark beside it. BuildKit keeps what it fetched to itself, and would ask the registry again in
 * every build. One that is here without our mark is somebody else's and stays as it is; `anew` fetches again what is ours, and
 * what had the name before goes unless something else needs it. Throws what the engine said.
 */
export async function keepBase(docker: Dockerode, key: Buffer, base: string, { anew }: { anew: boolean }, signal: AbortSignal): Promise<void> {
  // What a digest names does not change, and the engine cannot give it that name.
  if (base.includes('@')) return;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(fetchLimitMs)]);
  const mark = baseMark(key, base);
  const before = await idOf(docker, base, limited);
  const marked = await idOf(docker, mark, limited);
  if (before !== null && before !== marked) return;
  if (before === null || anew) await pull(docker, base, limited);
  await tag(docker, base, mark, limited);
  if (before !== null && before !== (await idOf(docker, base, limited))) await remove(docker, before, limited);
}

/** Takes away the bases of ours that no build has used since. */
export async function collectBases(docker: Dockerode, key: Buffer, unusedSince: Date, signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(fetchLimitMs)]);
  for (const { Id: id } of await docker.listImages({ filters: { reference: ['kosuke-preview/base'] }, abortSignal: limited })) {
    const image = await inspect(docker, id, limited);
    const ours = ourNames(key, image?.RepoTags ?? []);
    if (image === null || new Date(image.Metadata.LastTagTime) >= unusedSince) continue;
    for (const name of ours) await remove(docker, name, limited);
  }
}

/** The id of the image of that name, `null` when there is none. */
export async function idOf(docker: Dockerode, name: string, signal: AbortSignal): Promise<string | null> {
  return (await inspect(docker, name, signal))?.Id ?? null;
}

/** Tagging anew sets the time, also where the tag stays as it is. */
type Inspected = { Id: string; RepoTags: string[]; Metadata: { LastTagTime: string } };

async function inspect(docker: Dockerode, name: string, abortSignal: AbortSignal): Promise<Inspected | null> {
  const statusCodes = { 200: true, 404: 'not found', 500: 'server error' };
  try {
    return await dial<Inspected>(docker, { path: `/images/${name}/json`, method: 'GET', abortSignal, statusCodes });
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

async function pull(docker: Dockerode, base: string, abortSignal: AbortSignal): Promise<void> {
  const statusCodes = { 200: true, 404: 'not found', 500: 'server error' };
  const answer = await dial<Readable>(docker, { path: '/images/create?', method: 'POST', options: { fromImage: base }, abortSignal, isStream: true, statusCodes });
  for await (const { error } of records(answer)) {
    if (error !== undefined) throw new Error(error);
  }
}

async function tag(docker: Dockerode, base: string, mark: string, abortSignal: AbortSignal): Promise<void> {
  const [repo, name] = mark.split(':');
  const statusCodes = { 201: true, 404: 'not found', 500: 'server error' };
  await dial(docker, { path: `/images/${base}/tag?`, method: 'POST', options: { repo, tag: name }, abortSignal, statusCodes });
}

/** Gone already, or needed by something, is fine. */
async function remove(docker: Dockerode, name: string, abortSignal: AbortSignal): Promise<void> {
  try {
    await docker.getImage(name).remove({ abortSignal });
  } catch (error) {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}

async function dial<T>(docker: Dockerode, options: Parameters<Dockerode['modem']['dial']>[0]): Promise<T> {
  return await new Promise<T>((resolve, reject) => docker.modem.dial(options, (error, answer) => (error ? reject(error) : resolve(answer as T))));
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
}

const fetchLimitMs = 60_000;
