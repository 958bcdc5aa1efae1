import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { capabilitiesOf } from '../domain/capabilities.ts';
import { call, statusOf } from './call.ts';
import type { Context } from './context.ts';

/**
 * The capabilities that a program in a container asks for by its file; none when it asks for none or is not there. A name without a slash is looked for
 * where shells look, a relative path in the container's working directory. Links are followed inside the container. Of the file nothing but the head of its archive is read.
 */
export async function fileCapabilities(context: Context, id: string, path: string, signal: AbortSignal): Promise<string[]> {
  const { Config: { WorkingDir: workingDir } } = await call('reading a container', { signal, ms: context.limitMs }, (abortSignal) => context.docker.getContainer(id).inspect({ abortSignal }));
  for (const candidate of path.includes('/') ? [posix.resolve('/', workingDir, path)] : searchPath.map((folder) => `${folder}/${path}`)) {
    const head = await headOf(context, id, candidate, signal);
    if (head !== null) return capabilitiesIn(head);
  }
  return [];
}

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The beginning of the archive of a file, `null` when there is none. The engine follows no link at the end of a path. */
async function headOf(context: Context, id: string, path: string, signal: AbortSignal): Promise<Buffer | null> {
  let place = path;
  for (let links = 0; links < mostLinks; links += 1) {
    const head = await readHead(context, id, place, signal);
    if (head === null) return null;
    const target = linkIn(head);
    if (target === null) return head;
    place = posix.resolve(posix.dirname(place), target);
  }
  return null;
}

async function readHead(context: Context, id: string, path: string, signal: AbortSignal): Promise<Buffer | null> {
  return await call('reading a file of a container', { signal, ms: context.limitMs }, async (abortSignal) => {
    let archive: Readable;
    try {
      archive = (await context.docker.getContainer(id).getArchive({ path, abortSignal })) as Readable;
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of archive as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= headBytes) break;
    }
    return Buffer.concat(chunks).subarray(0, headBytes);
  });
}

const mostLinks = 10;
const headBytes = 4_096;
const block = 512;

/** Type of a tar's entry (POSIX ustar: offset 156); an entry of type `x` holds records about the next one. */
function typeAt(head: Buffer, at: number): string {
  return head.toString('latin1', at + 156, at + 157);
}

function linkIn(head: Buffer): string | null {
  const at = typeAt(head, 0) === 'x' ? block + paddedSize(head) : 0;
  return typeAt(head, at) === '2' ? head.toString('utf8', at + 157, at + 257).replace(/\0.*$/s, '') : null;
}

/** From the record `<length> SCHILY.xattr.security.capability=<bytes>\n`. */
function capabilitiesIn(head: Buffer): string[] {
  if (typeAt(head, 0) !== 'x') return [];
  const records = head.subarray(block, block + paddedSize(head));
  const key = records.indexOf(attributeKey);
  return key < 0 ? [] : capabilitiesOf(records.subarray(key + attributeKey.length, key + attributeKey.length + attributeBytes));
}

const attributeKey = ' SCHILY.xattr.security.capability=';
const attributeBytes = 20;

function paddedSize(head: Buffer): number {
  return Math.ceil(Number.parseInt(head.toString('latin1', 124, 136), 8) / block) * block;
}
