import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** What befalls one call: an answer with that status, a cut connection, no answer at all, or a wait before it goes on. */
export type Fault = { status: number } | 'reset' | 'hang' | { delayMs: number };

export type EngineProxy = {
  /** The program's DOCKER_HOST. */
  host: string;
  /** Asked for each call from now on, in order (0 is the first); `undefined` lets it pass. `null`: no faults. */
  setFaults(fault: ((call: { at: number; method: string; path: string }) => Fault | undefined) | null): void;
  /** How many calls came since the faults were set. */
  calls(): number;
  close(): void;
};

/** Between the program and the engine, at a unix socket of its own. What is upgraded (BuildKit's session) is passed on as it is. */
export async function startEngineProxy(engineSocket: string, path: string): Promise<EngineProxy> {
  let faults: Parameters<EngineProxy['setFaults']>[0] = null;
  let count = 0;
  const open = new Set<Duplex>();
  const judge = ({ method = '', url = '' }: IncomingMessage): Fault | undefined => faults?.({ at: count++, method, path: url });
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing, judge(incoming), engineSocket));
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('upgrade', (incoming, socket, head) => {
    const fault = judge(incoming);
    if (fault === undefined) tunnel(incoming, socket, head, engineSocket);
    else if (fault !== 'hang') socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    setFaults(next) {
      faults = next;
      count = 0;
    },
    calls: () => count,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function pass(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined, socketPath: string): Promise<void> {
  if (fault === 'reset') return void incoming.socket.destroy();
  if (fault === 'hang') return void incoming.resume();
  if (typeof fault === 'object' && 'status' in fault) {
    incoming.resume();
    outgoing.writeHead(fault.status, { 'content-type': 'application/json' });
    return void outgoing.end(JSON.stringify({ message: 'the laboratory says so' }));
  }
  if (fault !== undefined) await delay(fault.delayMs);
  if (outgoing.destroyed) return;
  const { method, url, headers } = incoming;
  const onward = request({ socketPath, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy()).pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/** From here on both sides speak to each other in bytes. */
function tunnel({ method, url, rawHeaders }: IncomingMessage, client: Duplex, head: Buffer, socketPath: string): void {
  const engine = connect(socketPath);
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  engine.write(`${lines.join('\r\n')}\r\n\r\n`);
  engine.write(head);
  const end = () => {
    client.destroy();
    engine.destroy();
  };
  client.on('error', end).on('close', end).pipe(engine);
  engine.on('error', end).on('close', end).pipe(client);
}
