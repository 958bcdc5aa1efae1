import { once } from 'node:events';
import { pino } from 'pino';
import { builds } from '../../../src/reconcile/builds.ts';
import type { Deps } from '../../../src/reconcile/deps.ts';
import { passes } from '../../../src/reconcile/passes.ts';
import { ImageMissing } from '../../../src/reconcile/ports/engine.ts';
import type { ImageBuilder } from '../../../src/reconcile/ports/image-builder.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { createReadiness } from '../../../src/reconcile/readiness.ts';
import { runWorker } from '../../../src/reconcile/worker.ts';
import { openStore } from '../../../src/store/open.ts';
import { fakeReconciler } from '../fakes/reconciler.ts';
import type { Call, Part, Reply, Told } from './messages.ts';

// A worker as a process of its own: `process.ts <database url> <name> <began>`. Its store is real; engine, edge, GitHub and builds are its parent's.
const [databaseUrl = '', name = '', began = '0'] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const store = await openStore({ dataDir: 'unused', databaseUrl, log });
const { deps } = await fakeReconciler({}, { store, began: Number(began) });
const waiting = new Map<number, (reply: Reply) => void>();
let asked = 0;
process.on('message', (reply: Reply) => waiting.get(reply.no)?.(reply));

const edge = remote<Deps['edge']>('edge');
Object.assign(deps, {
  engine: remote<Deps['engine']>('engine'),
  edge,
  codeHost: remote<Deps['codeHost']>('codeHost'),
  builder: { ...deps.builder, build: buildThere },
  readiness: createReadiness({ edge, clock: deps.clock, log }),
} satisfies Partial<Deps>);
tellLeases(store);

const stop = new AbortController();
for (const make of [passes, builds]) void runWorker(deps, make(deps, name, stop.signal), stop.signal);
tell({ kind: 'ready' });
await once(process, 'disconnect');
// Whatever is in hand waits for answers that nobody gives any more.
process.exit(0);

/** The parent may be gone: then nobody waits for this. */
function tell(told: Told): void {
  if (process.connected) process.send!(told, () => undefined);
}

async function call(part: Part, method: string, args: unknown[]): Promise<unknown> {
  asked += 1;
  const no = asked;
  const { promise, resolve } = Promise.withResolvers<Reply>();
  waiting.set(no, resolve);
  const plain = args.map((arg) => (arg instanceof AbortSignal ? undefined : arg));
  tell({ kind: 'call', no, part, method, args: plain } satisfies Call);
  const reply = await promise;
  waiting.delete(no);
  if (!('error' in reply)) return reply.value;
  throw reply.error.name === 'ImageMissing' ? new ImageMissing(reply.error.message) : new Error(reply.error.message);
}

/** A port whose methods are the parent's. It is no promise, and has no ports of its own. */
function remote<Port extends object>(part: Part): Port {
  const get = (_: object, method: string | symbol) => {
    if (method === 'then' || typeof method === 'symbol') return undefined;
    return method === 'ports' ? null : (...args: unknown[]) => call(part, method, args);
  };
  return new Proxy({}, { get }) as Port;
}

async function buildThere(...[request, , signal]: Parameters<ImageBuilder['build']>): ReturnType<ImageBuilder['build']> {
  const sha = (await request.context().toArray()).join('');
  const ended = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  await Promise.race([call('builder', 'build', [sha, request.tag]), ended]);
  return { imageId: `sha256:${sha}`, bases: [] };
}

function tellLeases({ previews }: Store): void {
  const { claim, release } = previews;
  previews.claim = async (...args) => {
    const claimed = await claim(...args);
    if (claimed !== null) tell({ kind: 'claimed', previewId: claimed.lease.previewId, leaseNo: claimed.lease.leaseNo, at: process.hrtime.bigint() });
    return claimed;
  };
  previews.release = (lease, end) => {
    tell({ kind: 'releasing', previewId: lease.previewId, leaseNo: lease.leaseNo, at: process.hrtime.bigint() });
    return release(lease, end);
  };
}
