import { createServer } from 'node:net';
import { KosukeError } from '../domain/errors.ts';
import type { Engine } from '../reconcile/ports/engine.ts';

/**
 * A port of 127.0.0.1 on which nothing listens and that no container of ours has, a stopped one neither: it will want it back. By chance,
 * so that several programs do not go for the same, and below those that systems give out by themselves. Throws `KosukeError` `edge`.
 */
export async function freePort(engine: Pick<Engine, 'things'>, random: () => number, signal: AbortSignal): Promise<number> {
  const taken = new Set((await engine.things(signal)).containers.map(({ publishedPort }) => publishedPort));
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = lowest + Math.floor(random() * count);
    if (!taken.has(port) && (await canListen(port))) return port;
  }
  throw new KosukeError({
    code: 'edge',
    fault: 'us',
    what: 'No free port was found for a container',
    why: `${mostTries} ports of 127.0.0.1 between ${lowest} and ${lowest + count - 1} are taken`,
    next: 'It is tried again by itself. End some of the programs that listen there.',
  });
}

/** Whether nothing listens on a port of 127.0.0.1. */
export function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const lowest = 20_000;
const count = 10_000;
const mostTries = 100;
