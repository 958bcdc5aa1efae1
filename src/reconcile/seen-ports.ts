import type { SeenPort } from '../domain/ports.ts';
import type { Deps } from './deps.ts';

/**
 * What the app in a container does on its TCP ports, asked as a visitor of `host` would; `null` when nothing can be found out. Where what listens cannot be
 * read (the engine is on another machine), the `expected` and the `exposed` ports are asked. Of very many ports eight are asked: the expected one, then exposed ones, then the lowest.
 */
export async function seenPorts(
  deps: Pick<Deps, 'engine'>,
  containerId: string,
  { expected, exposed, host }: { expected: number; exposed: readonly number[]; host: string },
  signal: AbortSignal,
): Promise<SeenPort[] | null> {
  const listening = await deps.engine.listeningPorts(containerId, signal);
  const known = listening ?? [...new Set([expected, ...exposed])].map((port) => ({ port, loopbackOnly: false }));
  const rank = (port: number): number => (port === expected ? 0 : exposed.includes(port) ? 1 : 2);
  const asked = new Set(
    known
      .filter(({ loopbackOnly }) => !loopbackOnly)
      .map(({ port }) => port)
      .toSorted((a, b) => rank(a) - rank(b) || a - b)
      .slice(0, mostAsked),
  );
  const seen = await Promise.all(
    known.map(async ({ port, loopbackOnly }): Promise<SeenPort> => ({ port, loopbackOnly, answer: asked.has(port) ? await deps.engine.askPort(containerId, port, host, signal) : null })),
  );
  if (listening !== null) return seen;
  const answering = seen.filter(({ answer }) => answer !== null && answer.kind !== 'refused');
  return answering.length === 0 ? null : answering;
}

const mostAsked = 8;
