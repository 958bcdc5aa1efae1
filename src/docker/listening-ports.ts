import { readFile } from 'node:fs/promises';
import { call } from './call.ts';
import type { Context } from './context.ts';

export type ListeningPort = { port: number; loopbackOnly: boolean };

/**
 * TCP ports that processes in the container listen on, lowest first, or `null` where they cannot be read: the container does not
 * run, the engine is on another machine, or we may not look into its processes.
 */
export async function listeningPorts(context: Context, id: string, signal: AbortSignal): Promise<ListeningPort[] | null> {
  const container = await call('reading a container', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.getContainer(id).inspect({ abortSignal }),
  );
  const pid = container.State.Pid;
  if (!(pid > 0)) return null;
  try {
    const [tcp, tcp6] = [await readFile(`/proc/${pid}/net/tcp`, 'utf8'), await readIfThere(`/proc/${pid}/net/tcp6`)];
    // The number is the engine's; read last, the process's control group proves that it meant the same process here all the time.
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    return groups.includes(container.Id) ? parseListeners(tcp, tcp6) : null;
  } catch (error) {
    context.log.debug({ container: container.Name, err: error }, 'cannot read on which ports a container listens');
    return null;
  }
}

/** Listening sockets of `/proc/<pid>/net/tcp` and `tcp6` (proc(5)); the engine's own name server at 127.0.0.11 is left out. */
export function parseListeners(tcp: string, tcp6: string): ListeningPort[] {
  const loopbackOnly = new Map<number, boolean>();
  for (const line of [...tcp.split('\n'), ...tcp6.split('\n')]) {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A /.exec(line);
    if (!match) continue;
    const address = bytesOf(match[1]!);
    if (address === nameServer) continue;
    const port = Number.parseInt(match[2]!, 16);
    loopbackOnly.set(port, (loopbackOnly.get(port) ?? true) && isLoopback(address));
  }
  return [...loopbackOnly].map(([port, only]) => ({ port, loopbackOnly: only })).toSorted((a, b) => a.port - b.port);
}

const nameServer = '7f00000b';
const mappedPrefix = '00000000000000000000ffff';

/** Hex digits of the address in network order; an IPv4 address in IPv6 dress comes out as IPv4. The kernel prints 32-bit words as the machine holds them. */
function bytesOf(printed: string): string {
  const words = Buffer.from(printed, 'hex').swap32().toString('hex');
  return words.startsWith(mappedPrefix) ? words.slice(mappedPrefix.length) : words;
}

function isLoopback(address: string): boolean {
  return address.length === 8 ? address.startsWith('7f') : address === `${'0'.repeat(31)}1`;
}

/** A kernel without IPv6 has no tcp6. */
async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
