import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pino } from 'pino';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import type { WatchLimits } from '../../../src/dashboard/log-watch.ts';
import type { LogLine } from '../../../src/domain/deployment.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { systemClock } from '../../../src/serve/clock.ts';
import { closeServer, createHttpServer, listen } from '../../../src/serve/http.ts';
import { situation } from '../gate/situations.ts';

/** The program's pages over a real store, at a port of this machine, which stays the same over restarts. */
export type LogServer = {
  address(path: string): string;
  /** Every connection so far. */
  connections: readonly Socket[];
  /** As the program stops: resolves when all have been answered, with how many ms that took. */
  stop(): Promise<number>;
  /** All at once, as when the program is killed. */
  kill(): Promise<void>;
  start(): Promise<void>;
};

export async function startLogServer(store: Pick<Store, 'deployments' | 'signals'>, watching?: WatchLimits): Promise<LogServer> {
  let server: Server;
  let stopping: AbortController;
  let port = 0;
  const connections: Socket[] = [];

  const start = async () => {
    stopping = new AbortController();
    const log = pino({ level: 'silent' });
    const previewUrl = ({ hostLabel }: { hostLabel: string }) => Promise.resolve(`http://${hostLabel}.kosuke.localhost`);
    const health = () => Promise.reject(new Error('not asked here'));
    const dashboard = createDashboard({ store, previewUrl, publicUrl: 'http://localhost', health, clock: systemClock, log, stop: stopping.signal, watching });
    const none = () => Promise.reject(new Error('not asked here'));
    server = createHttpServer({ isPreviewHost: () => false, gate: none, intake: none, metrics: null, dashboard: (request) => dashboard.fetch(request), log });
    server.on('connection', (socket) => connections.push(socket));
    port = await listen(server, '127.0.0.1', port);
  };
  await start();
  return {
    address: (path) => `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port ?? port}${path}`,
    connections,
    async stop() {
      const began = performance.now();
      stopping.abort();
      await closeServer(server, 5_000);
      return performance.now() - began;
    },
    async kill() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      stopping.abort();
    },
    start,
  };
}

export type Told = { name: string; id: string; data: Record<string, unknown> };

/** An open stream of events, as it is read. */
export type Listening = {
  response: IncomingMessage;
  events: Told[];
  /** All that came. */
  text(): string;
  /** Numbers of all lines that came. */
  numbers(): number[];
  over(): boolean;
  cut(): void;
};

/** Asks for the events of a log. */
export async function hear(address: string, headers: Record<string, string> = {}): Promise<Listening> {
  const request = get(address, { headers, agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).once('error', reject));
  let text = '';
  let unread = '';
  let over = false;
  const events: Told[] = [];
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const blocks = (unread + chunk).split('\n\n');
    unread = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
      if (fields.has('event')) events.push({ name: fields.get('event')!, id: fields.get('id') ?? '', data: JSON.parse(fields.get('data')!) as Record<string, unknown> });
    }
  });
  response.on('error', () => undefined);
  response.once('close', () => (over = true));
  return {
    response,
    events,
    text: () => text,
    numbers: () => events.filter(({ name }) => name === 'lines').flatMap(({ data }) => (data['lines'] as [number][]).map(([number]) => number)),
    over: () => over,
    cut: () => void request.destroy(),
  };
}

/** A deployment that is being built, with two lines in its log, at `/logs/<token>`. */
export async function building(store: Store, branch: string) {
  const { lease, preview, build } = await situation(store, branch);
  const sha = [...branch].reduce((text, character) => text + character.charCodeAt(0).toString(16), '').padEnd(40, '0').slice(-40);
  const id = await build(sha);
  await store.deployments.updateBuild(id, 1, { fetchedAt: new Date() });
  const write = (lines: readonly Partial<LogLine>[]) =>
    store.deployments.addLog(id, lines.map((line) => ({ at: new Date(), step: null, stream: 'stdout' as const, text: '', ...line })));
  return {
    id,
    preview,
    path: `/logs/token-of-${sha}`,
    write,
    say: (...texts: string[]) => write(texts.map((text) => ({ text }))),
    become: (change: Parameters<typeof store.deployments.update>[2]) => store.deployments.update(lease, id, change),
    goLive: () => store.deployments.goLive(lease, id, { readyAt: new Date(), now: new Date() }),
  };
}
