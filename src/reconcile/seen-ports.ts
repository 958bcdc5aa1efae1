import type { SeenPort } from '../domain/ports.ts';
import type { Deps } from './deps.ts';

/**
 * What the app in a container does on its TCP ports, asked as a visitor of `host` would; `null` when nothing can be found out. Where what listens cannot be
 * read (the engine is on another machine), the `expected` and the `exposed` ports are asked. Of very many ports the lowest are asked, exposed ones first.
 */
export async function seenPorts(
  deps: Pick<Deps, 'engine'>,
  containerId: string,
  { expected, exposed, host }: { expected: number; exposed: readonly number[]; host: string },
  signal: AbortSignal,
): Promise<SeenPort[] | null> {
  const listening = await deps.engine.listeningPorts(containerId, signal);
  const known = listening ?? [...new Set([expected, ...exposed])].map((port) => ({ port, loopbackOnly: false }));
  const inOrder = known.toSorted((a, b) => Number(exposed.includes(b.port)) - Number(exposed.includes(a.port)) || a.port - b.port);
  const asked = new Set(inOrder.filter(({ loopbackOnly }) => !loopbackOnly).slice(0, mostAsked).map(({ port }) => port));
  const seen = await Promise.all(
    known.map(async ({ port, loopbackOnly }): Promise<SeenPort> => ({ port, loopbackOnly, answer: asked.has(port) ? await deps.engine.askPort(containerId, port, host, signal) : null })),
  );
  if (listening !== null) return seen;
  const answering = seen.filter(({ answer }) => answer?.kind !== 'refused');
  return answering.length === 0 ? null : answering;
}

const mostAsked = 8;
