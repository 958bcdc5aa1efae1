import { createServer } from 'node:net';

/** `port` when nothing listens there on this machine, else 0: any free one. */
export function freeOrAny(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(0));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });
}
