import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { eventually } from '../../support/eventually.ts';
import { ask as askPostgres } from '../../support/postgres/ask.ts';
import { startTestWorld, type World } from '../../support/world.ts';
import { type EngineProxy, startEngineProxy } from './engine-proxy.ts';
import { ask, type Asked, insideSettings } from './inside.ts';
import { type Strictness, violationsOf } from './invariants.ts';
import { type Random, randomFrom } from './random.ts';
import { secretsSeen } from './secrets.ts';
import { look, type Rows, type Tale } from './snapshot.ts';

/** The real program with a local GitHub, the engine and Traefik, and what comes between them. */
export type Lab = {
  world: World;
  engine: EngineProxy;
  random: Random;
  /** The pull requests that are looked at. */
  tales: Tale[];
  /** The ledger is lost: what was accepted until now is no longer looked for in it. */
  forgetWebhooks(): void;
  /** Looks no longer at them until all of it is to settle. */
  rest(): void;
  rows: Rows;
  /** Asks the part that is inside of the program. */
  inside<T = unknown>(asked: Asked): Promise<T>;
  /** What is not as it must be at this moment. */
  violations(strictness?: Strictness): Promise<string[]>;
  /** Waits until nothing is; resolves with the ms that it took. Throws with what is still wrong after `within` (60 s), and the program's last words. */
  converge(options?: { strictness?: Strictness; within?: number }): Promise<number>;
  /** Resolves when the program has ended; `false` when it has not within `ms`. */
  ended(ms: number): Promise<boolean>;
};

/** A laboratory for the length of `use`; everything goes afterwards. */
export async function withLab<T>(options: { seed: number; settings?: Record<string, string> }, use: (lab: Lab) => Promise<T>): Promise<T> {
  const dir = join(tmpdir(), `kosuke-lab-${randomBytes(4).toString('hex')}`);
  await mkdir(dir, { recursive: true });
  const engine = await startEngineProxy(engineSocket(), join(dir, 'engine.sock'));
  const socket = join(dir, 'inside.sock');
  try {
    const world = await startTestWorld({ ...settings, ...insideSettings(socket), DOCKER_HOST: engine.host, ...options.settings });
    try {
      return await use(labOn(world, engine, socket, randomFrom(options.seed)));
    } finally {
      engine.setFaults(null);
      world.github.intercept(undefined);
      await world.close();
    }
  } finally {
    engine.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Room for all that a case starts, and sweeps that come soon enough to stand behind what webhooks do not tell. */
const settings = { SWEEP_INTERVAL: '10s', MAX_PREVIEWS: '60' };

function labOn(world: World, engine: EngineProxy, socket: string, random: Random): Lab {
  const tales: Tale[] = [];
  const past: Tale[] = [];
  let since = new Date(0);
  const inside = <T>(asked: Asked) => ask<T>(socket, asked);
  const { DATABASE_URL: database } = world.program.env;
  const rows: Rows = async <Row>(sql: string) => (database === undefined ? inside<Row[]>({ ask: 'rows', sql }) : ((await askPostgres(database, sql)) as Row[]));
  const violations = async (strictness: Strictness = 'converged') => violationsOf(await look(world, rows, strictness === 'settled' ? [...past, ...tales] : tales, since), strictness);
  return {
    world,
    engine,
    random,
    tales,
    forgetWebhooks() {
      since = new Date();
    },
    rest: () => void past.push(...tales.splice(0)),
    rows,
    inside,
    violations,
    async converge({ strictness = 'converged', within = 60_000 } = {}) {
      // More happens here in an hour than a real GitHub allows for one.
      world.github.renewAllowances();
      const began = performance.now();
      let wrong: string[] = [];
      for (;;) {
        wrong = await violations(strictness).catch((error: unknown) => [String(error)]);
        const ms = performance.now() - began;
        if (wrong.length === 0) break;
        if (ms > within) throw new Error(`not converged within ${within / 1000} s: ${wrong.join('; ')}\n${lastLines(world)}`);
        await delay(50);
      }
      const ms = performance.now() - began;
      if (strictness === 'settled') wrong = await secretsSeen(world, [...past, ...tales]);
      if (wrong.length > 0) throw new Error(wrong.join('; '));
      return ms;
    },
    ended: (ms) => eventually('the program ends', () => world.program.pid === null, { within: ms, every: 5 }).catch(() => false),
  };
}

/** What the program logged last, an error by its message alone. */
function lastLines({ program }: World): string {
  const lines = program.lines().slice(-lastShown).map(({ err, ...line }) => {
    const why = typeof err === 'object' && err !== null && 'message' in err ? { why: err.message } : {};
    return `    ${JSON.stringify({ ...line, ...why })}`;
  });
  return lines.join('\n');
}

const lastShown = 20;

/** Of the engine that the tests use. */
export function engineSocket(): string {
  const modem: object = new Dockerode().modem;
  return 'socketPath' in modem && typeof modem.socketPath === 'string' ? modem.socketPath : '/var/run/docker.sock';
}
