import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What befalls everything that passes: nothing, a wait before each piece that a client sends, silence, or no connection at all. */
export type Weather = 'fair' | { delayMs: number } | 'hang' | 'closed';

export type TcpProxy = {
  /** At 127.0.0.1. */
  port: number;
  /** From now on; `closed` also cuts what is open. */
  set(weather: Weather): void;
  /** Cuts what is open; whoever connects again is let in. */
  cut(): void;
  close(): void;
};

/** Between the program and a server at a port of 127.0.0.1. */
export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  let weather: Weather = 'fair';
  /** While it hangs: what waits for the next weather. */
  let hanging: PromiseWithResolvers<void> | null = null;
  const open = new Set<Socket>();
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  /** Resolves when a piece may go on. */
  const passage = async () => {
    if (typeof weather === 'object') await delay(weather.delayMs);
    await hanging?.promise;
  };
  const server = createServer((client) => {
    if (weather === 'closed') return void client.destroy();
    const onward = connect(serverPort, '127.0.0.1');
    const end = () => {
      client.destroy();
      onward.destroy();
    };
    for (const socket of [client, onward]) {
      open.add(socket);
      socket.setNoDelay();
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
    const passedOn = async (piece: Buffer) => {
      await passage();
      if (!onward.destroyed) onward.write(piece);
      client.resume();
    };
    client.on('data', (piece: Buffer) => {
      client.pause();
      void passedOn(piece);
    });
    client.on('end', () => onward.end());
    onward.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      weather = next;
      if (next === 'closed') cut();
      hanging?.resolve();
      hanging = next === 'hang' ? Promise.withResolvers<void>() : null;
    },
    cut,
    close() {
      server.close();
      cut();
    },
  };
}
