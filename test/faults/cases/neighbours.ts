import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { startPostgres } from '../../support/postgres/server.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { startTcpProxy, type TcpProxy } from '../lab/tcp-proxy.ts';
import { close, newRepository, open, push } from '../lab/tales.ts';

/** Traefik and Postgres are killed under the program and come back; what lies between it and Postgres is slow, cuts, and hangs. */
export async function neighbours(run: CaseRun): Promise<void> {
  await withLab({ seed: run.seed }, async (lab) => {
    await run.check('Traefik is killed and comes back while it is at rest', () => withoutTraefik(lab, 'at-rest', 0));
    await run.check('Traefik is killed during a switch and comes back', () => withoutTraefik(lab, 'switching', 300));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
  const postgres = await startPostgres({ durable: true });
  const database = new URL(await postgres.createDatabase());
  const between = await startTcpProxy(Number(database.port));
  database.port = String(between.port);
  try {
    const settings = { DATABASE_URL: database.href };
    await withLab({ seed: run.seed, settings }, async (lab) => {
      for (const [what, weather] of weathers) await run.check(`Postgres ${what} for a while`, () => inWeather(lab, between, weather));
      await run.check('Postgres is killed and comes back while webhooks come', () => withoutPostgres(run, lab, postgres));
      await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
    });
  } finally {
    between.close();
    postgres.close();
  }
}

const weathers: readonly (readonly [string, (between: TcpProxy) => Promise<void>])[] = [
  ['answers 50 ms later', async (between) => void between.set({ delayMs: 50 })],
  [
    'loses all of its connections again and again',
    async (between) => {
      for (let times = 0; times < 8; times += 1) {
        between.cut();
        await delay(250);
      }
    },
  ],
  ['answers nothing', async (between) => void between.set('hang')],
  ['cannot be reached', async (between) => void between.set('closed')],
];

/** An opening, a push and a closing come meanwhile. */
async function inWeather(lab: Lab, between: TcpProxy, weather: (between: TcpProxy) => Promise<void>): Promise<number> {
  const repository = await newRepository(lab, `weather-${weathers.findIndex(([, each]) => each === weather)}`);
  const [pushed, closed] = [await open(lab, repository, 'pushed'), await open(lab, repository, 'closed')];
  await lab.converge();
  const began = weather(between);
  await push(lab, pushed);
  await close(lab, closed);
  await open(lab, repository, 'opened');
  await delay(downMs);
  await began;
  between.set('fair');
  // What was in hand when the answer got lost is taken up again once its lease is over.
  const ms = await lab.converge({ within: 120_000 });
  lab.rest();
  return ms;
}

/** A push so long before the kill; another preview is closed meanwhile. */
async function withoutTraefik(lab: Lab, name: string, afterMs: number): Promise<number> {
  const repository = await newRepository(lab, name);
  const [pushed, closed] = [await open(lab, repository, 'pushed'), await open(lab, repository, 'closed')];
  await lab.converge();
  const traefik = lab.world.docker.getContainer(lab.world.traefik!.containerId);
  if (afterMs > 0) await push(lab, pushed);
  await delay(afterMs);
  await traefik.kill();
  if (afterMs === 0) await push(lab, pushed);
  await close(lab, closed);
  await delay(downMs);
  await traefik.start();
  const ms = await lab.converge();
  lab.rest();
  return ms;
}

const downMs = 4_000;

type Server = { kill(): Promise<void>; start(): Promise<void> };

/** Webhooks come one after another all the time: what was answered 2xx must be in the ledger, which is one of the invariants. */
async function withoutPostgres(run: CaseRun, lab: Lab, postgres: Server): Promise<number> {
  const { github } = lab.world;
  const tale = await open(lab, await newRepository(lab, 'stored'), 'feature');
  await lab.converge();
  const over = new AbortController();
  const pings = (async () => {
    while (!over.signal.aborted) {
      github.ping();
      await github.delivered();
    }
  })();
  try {
    await delay(500);
    await postgres.kill();
    await push(lab, tale);
    await eventually('a webhook is refused', () => github.deliveries().at(-1)?.status === 503);
    await delay(downMs);
    await postgres.start();
  } finally {
    over.abort();
    await pings;
  }
  // What was in hand when the answer got lost is taken up again once its lease is over.
  const ms = await lab.converge({ within: 120_000 });
  const statuses = github.deliveries().map(({ status }) => status);
  const [taken, refused] = [statuses.filter((status) => status < 300 && status > 0).length, statuses.filter((status) => status === 503).length];
  run.note(`${taken} webhooks were taken, ${refused} refused with 503`);
  if (taken + refused !== statuses.length) throw new Error(`webhooks were answered ${[...new Set(statuses)].join(', ')}`);
  return ms;
}
