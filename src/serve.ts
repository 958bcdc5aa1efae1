import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Operations } from './cli/operations.ts';
import { createControlServer } from './cli/control-server.ts';
import { createDashboard } from './dashboard/dashboard.ts';
import type { Preview } from './domain/preview.ts';
import { createGate } from './gate/gate.ts';
import { registerHandlers } from './github/app.ts';
import { runDeliveries } from './github/deliveries-loop.ts';
import { createIntake } from './github/intake.ts';
import { fetchMissedDeliveries } from './github/redelivery.ts';
import { currentAddresses } from './reconcile/address.ts';
import { createIntent } from './reconcile/intent.ts';
import { sweep } from './reconcile/sweep.ts';
import { createHealth } from './serve/health.ts';
import { closeServer, createHttpServer, listen } from './serve/http.ts';
import { createLog } from './serve/log.ts';
import { answerMetrics, createMetricsServer } from './serve/metrics-server.ts';
import { refuseNotYet } from './serve/not-yet.ts';
import { createOperations } from './serve/operations.ts';
import { openProgram, type Program } from './serve/program.ts';
import { untilIdle } from './serve/until-idle.ts';
import { stopSignal } from './serve/stop-signal.ts';
import { runSweeps, runWorkers } from './serve/workers.ts';
import { isPreviewHost, type Settings } from './settings.ts';

/**
 * Runs the whole program until it is asked to stop (SIGTERM, SIGINT, or `options.stop`). Stopping takes nothing new, lets what is in
 * hand finish or gives it back, and leaves every container as it is: previews keep answering. Throws `KosukeError` when it cannot start.
 */
export async function serve(settings: Settings, options: { stop?: AbortSignal; log?: Logger } = {}): Promise<void> {
  const log = options.log ?? createLog(settings);
  const broken = new AbortController();
  const stop = AbortSignal.any([options.stop ?? stopSignal(log), broken.signal]);
  refuseNotYet(settings, log);
  const program = await openProgram(settings, log);
  const sweepNow = oneAtATime(() => sweep(program.deps, AbortSignal.any([stop, AbortSignal.timeout(sweepLimitMs)])));
  const control = createControlServer(program.lock.server, createOperations(program.deps, sweepNow, patienceMs), log);
  const storing = { now: 0 };
  const server = createServer(program, storing, stop);
  // It listens only when METRICS_PORT is set.
  const metricsServer = createMetricsServer(program.scrape, log);
  try {
    const port = await listen(server, settings.host, settings.port);
    if (settings.metricsPort !== null) await listen(metricsServer, settings.host, settings.metricsPort);
    const previews = settings.traefikEnabled ? program.deps.config.url('project-<id>-<branch>') : 'http://127.0.0.1:<port>';
    log.info({ address: `http://${settings.host}:${port}`, previews }, 'serving');
    await allOrNone(broken, [
      runWorkers(program, stop),
      handOnDeliveries(program, storing, stop),
      readBackDeliveries(program, stop),
      runSweeps(sweepNow, settings.sweepInterval, program.deps, stop),
      stopped(stop).then(async () => void (await Promise.all([closeServer(server, drainMs), closeServer(metricsServer, drainMs), control.close()]))),
    ]);
  } finally {
    for (const each of [server, metricsServer]) {
      each.closeAllConnections();
      each.close();
    }
    await program.close();
  }
  log.info('stopped');
}

/**
 * Opens the program for one use while no `serve` runs: what was asked for is done to its end, since nobody would go on with it. `readOnly`: no pass, no build
 * and no report is made.
 */
export async function withProgram<T>(settings: Settings, use: (operations: Operations) => Promise<T>, { readOnly } = { readOnly: false }): Promise<T> {
  const log = createLog(settings);
  const program = await openProgram(settings, log);
  const done = new AbortController();
  const working = readOnly ? Promise.resolve() : runWorkers(program, done.signal);
  const forOthers = createOperations(program.deps, () => sweep(program.deps, done.signal), patienceMs);
  const control = createControlServer(program.lock.server, readOnly ? onlyReading(forOthers) : forOthers, log);
  let changed = false;
  const onChange = () => {
    changed = true;
  };
  try {
    const answer = await use(createOperations(program.deps, () => sweep(program.deps, AbortSignal.timeout(sweepLimitMs)), patienceAloneMs, onChange));
    if (changed) await untilIdle(program.deps, patienceAloneMs);
    return answer;
  } finally {
    done.abort();
    await control.close();
    await working;
    await program.close();
  }
}

/** Nobody would carry out what is asked for meanwhile. */
function onlyReading({ list, setAside, logs, planSweep }: Operations): Operations {
  const refused = () => Promise.resolve({ ok: false as const, problem: 'A command that changes nothing has the data open. Try again in a moment.' });
  return { list, setAside, logs, planSweep, redeploy: refused, sleep: refused, wake: refused, remove: refused, sweep: refused };
}

function createServer(program: Program, storing: { now: number }, stop: AbortSignal): Server {
  const { settings, deps } = program;
  const { store, clock, log } = deps;
  const address = async (preview: Preview) => (await currentAddresses(deps))(preview);
  const elsewhere = settings.traefikEnabled ? {} : { elsewhere: address };
  const gate = createGate({ store, previewDomain: settings.previewDomain, previewUrl: deps.config.url, ...elsewhere, clock, log });
  const dashboard = createDashboard({ store, previewUrl: address, publicUrl: settings.publicUrl, health: createHealth(program), clock, log, stop });
  return createHttpServer({
    isPreviewHost: (host) => isPreviewHost(settings, host),
    gate,
    intake: createIntake({ secret: settings.webhookSecret, deliveries: store.deliveries, clock, log, storing }),
    metrics: settings.metricsPort === null ? (request, response) => answerMetrics(program.scrape, request, response) : null,
    dashboard: (request) => dashboard.fetch(request),
    log,
  });
}

async function handOnDeliveries({ deps, github }: Program, storing: { readonly now: number }, stop: AbortSignal): Promise<void> {
  registerHandlers(github.probot, createIntent(deps), deps.log);
  await runDeliveries({
    deliveries: deps.store.deliveries,
    signals: deps.store.signals,
    receive: github.receive,
    clock: deps.clock,
    log: deps.log,
    signal: stop,
    storing,
    leaseMs: 40_000,
    limitMs: 75_000,
    maxAttempts: 6,
  });
  await deps.ahead.stop();
}

/** Once: webhooks are taken in by now, so what is sent from here on is not missed. */
function readBackDeliveries({ deps, github }: Program, signal: AbortSignal): Promise<void> {
  const { store, clock, log } = deps;
  return fetchMissedDeliveries({ appOctokit: github.appOctokit, deliveries: store.deliveries, clock, log, signal });
}

/** Parts that only make sense together: when one breaks, the others are stopped, and what broke is thrown. */
async function allOrNone(broken: AbortController, parts: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(
    parts.map((part) =>
      part.catch((error: unknown) => {
        broken.abort();
        throw error;
      }),
    ),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** A sweep that is asked for while one runs is that one. */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return () => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
}

function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

const sweepLimitMs = 10 * 60_000;
const drainMs = 5_000;
/** How long a command waits for what it asked for before it says how far it is. */
const patienceMs = 20_000;
/** Without a running program nobody goes on with it afterwards. */
const patienceAloneMs = 15 * 60_000;
