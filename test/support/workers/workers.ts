import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { openStore } from '../../../src/store/open.ts';
import { eventually } from '../eventually.ts';
import { fakeReconciler } from '../fakes/reconciler.ts';
import type { Call, Lease, Part, Reply, Told } from './messages.ts';

/** One thing that a worker did, in the order in which the world heard of it; `begin` and `end` are `performance.now()`. */
export type Did = { worker: string; branch: string | null; what: string; begin: number; end: number | null };
export type Held = { worker: string; kind: Lease['kind']; previewId: number; leaseNo: number; at: bigint };

/**
 * Worker processes on one Postgres, and in this process the one world that they all act on. `before` is called before each thing that a worker
 * asks of it, and may hold it up.
 */
export async function startWorkers(databaseUrl: string, names: readonly string[]) {
  const store = await openStore({ dataDir: 'unused', databaseUrl, log: pino({ level: 'silent' }) });
  const began = Date.now();
  const world = await fakeReconciler({}, { store, began });
  const did: Did[] = [];
  const leases: Held[] = [];
  const children = new Map(names.map((name) => [name, startChild(databaseUrl, name, began)]));
  const started = new Set<string>();
  const hooks = { before: (_did: Did): Promise<void> | void => undefined, after: (_did: Did): Promise<void> | void => undefined };

  for (const [worker, child] of children) {
    child.on('message', (told: Told) => {
      if (told.kind === 'ready') started.add(worker);
      else if (told.kind === 'call') void answer(worker, child, told);
      else leases.push({ worker, ...told });
    });
  }

  async function answer(worker: string, child: ChildProcess, { no, part, method, args }: Call): Promise<void> {
    const one: Did = { worker, branch: branchOf(part, method, args), what: `${part}.${method}`, begin: performance.now(), end: null };
    did.push(one);
    await hooks.before(one);
    const reply = await replyOf(no, () => doing(part, method, args));
    one.end = performance.now();
    await hooks.after(one);
    if (child.connected) child.send(reply);
  }

  /** What changes something takes a moment, as it does outside. */
  async function doing(part: Part, method: string, args: unknown[]): Promise<unknown> {
    if (part === 'builder') {
      const [sha = '', tag = ''] = args as string[];
      await world.build.run(sha, new AbortController().signal);
      world.build.ran.push(sha);
      world.engine.images.set(tag, { id: `sha256:${sha}`, labels: {}, exposedPorts: [], command: [], exposedCount: 0 });
      return undefined;
    }
    if (changes.has(method)) await delay(Math.random() * 10);
    const port = { engine: world.engine, edge: world.edge, codeHost: world.deps.codeHost }[part] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    return port[method]!(...args);
  }

  /** Of what belongs to one: names hold the host, and every branch here is one word. */
  function branchOf(part: Part, method: string, args: unknown[]): string | null {
    const [first] = args;
    const container = world.engine.containers.find(({ id, previewId }) => id === first || (method === 'things' && previewId === args[1]))?.name;
    const named = part === 'edge' && method === 'removeHold' ? world.edge.files.get(first as number)?.host : JSON.stringify(first ?? '');
    return /project-1-([a-z]+)/.exec(container ?? named ?? '')?.[1] ?? null;
  }

  await eventually('all workers work', () => started.size === names.length, { within: 30_000 });
  return {
    world,
    store,
    did,
    leases,
    hooks,
    processOf: (worker: string) => children.get(worker)!,
    async close() {
      for (const child of children.values()) {
        child.kill('SIGCONT');
        child.disconnect();
      }
      await Promise.all([...children.values()].map((child) => child.exitCode ?? once(child, 'exit')));
      await world.close();
    },
  };
}

/** What changes engine or edge for one preview. */
export const changes: ReadonlySet<string> = new Set(['ensureNetwork', 'removeNetwork', 'createContainer', 'startContainer', 'stopContainer', 'removeContainer', 'writeHold', 'removeHold']);

function startChild(databaseUrl: string, name: string, began: number): ChildProcess {
  const child = fork(main, [databaseUrl, name, String(began)], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // However this process ends, no worker outlives it.
  const killed = () => void child.kill('SIGKILL');
  process.on('exit', killed);
  child.once('exit', () => process.off('exit', killed));
  return child;
}

async function replyOf(no: number, work: () => Promise<unknown>): Promise<Reply> {
  try {
    return { no, value: await work() };
  } catch (error) {
    return { no, error: error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) } };
  }
}

const main = fileURLToPath(new URL('process.ts', import.meta.url));
