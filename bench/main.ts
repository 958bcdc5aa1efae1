import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { startWorld, type World } from '../src/demo/world.ts';
import { fillDatabase } from '../test/support/store.ts';
import { deployments, scenarios } from './deployments.ts';
import { dockerClient } from './docker-client.ts';
import { idle, startPreviews, type Idle } from './idle.ts';
import { passCost } from './pass.ts';
import { msText, ratioText, scenarioLines } from './report.ts';
import { createScriptSide } from './script-side.ts';
import { ratios, spreadOf } from './stats.ts';
import { atOnce, byInsertLoop, byProgram, sampleWebhook, type Acknowledged } from './webhooks.ts';

/**
 * `npm run bench [-- <figures> … --rounds 5 --previews 50]`; figures are `deployments`, `webhooks`, `idle` and `pass`, all when none is named. They are measured side
 * by side, each as a ratio to something of the same run, for times of one machine say nothing on another.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '5' }, previews: { type: 'string', default: '50' } } });
const rounds = Number(values.rounds);
const previews = Number(values.previews);
const all = ['deployments', 'webhooks', 'idle', 'pass'];
const wanted = new Set(positionals.length === 0 ? all : positionals);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(previews) || previews < 1 || positionals.some((name) => !all.includes(name))) {
  say(`Use: npm run bench [-- <${all.join(' | ')}> … --rounds <1 or more> --previews <1 or more>]`);
  process.exit(1);
}

const ending = Promise.withResolvers<never>();
const interrupted = ending.promise;
interrupted.catch(() => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    say('\nEnding the bench and removing what it made.');
    process.exitCode = 130;
    ending.reject(new Error(`the bench was ended by ${signal}`));
  });
}

const client = await dockerClient();
say(`${rounds} rounds, ${availableParallelism()} cores, Node ${process.version}; the script builds with ${client.builder}`);
if (wanted.has('deployments')) await inWorld(deploymentFigures);
if (wanted.has('webhooks')) await inWorld(webhookFigures);
if (wanted.has('idle') || wanted.has('pass')) {
  await inWorld(async (world) => {
    const empty = await idle(world);
    await startPreviews(world, previews);
    if (wanted.has('idle')) await idleFigures(world, empty);
    if (wanted.has('pass')) await passFigures(world);
  });
}

/** A world for the length of `use`; nothing of it is left, also when a person or a signal ends the bench. */
async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-bench-'));
  const settings = { LOG_LEVEL: 'debug', MAX_PREVIEWS: String(previews + 10), MEMORY_BUDGET: 'none' };
  const world = await startWorld({ dir, log: pino({ level: 'silent' }), fillDataDir: fillDatabase, checkContract: false, settings });
  try {
    await Promise.race([use(world), interrupted]);
  } finally {
    await world.close();
  }
}

async function deploymentFigures(world: World): Promise<void> {
  const script = createScriptSide(world.docker, client);
  try {
    const measured = await Promise.race([deployments(world, script, rounds), interrupted]);
    say('\nFrom the webhook until the public address answers, beside a plain script: clone, network, build, run, poll');
    for (const scenario of scenarios) for (const line of scenarioLines(scenario, measured[scenario])) say(line);
  } finally {
    await script.cleanUp();
  }
}

async function webhookFigures(world: World): Promise<void> {
  const sample = await sampleWebhook(world);
  const program: Acknowledged[] = [];
  const floor: Acknowledged[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const both = [async () => program.push(await byProgram(world, sample)), async () => floor.push(await byInsertLoop(sample))];
    for (const one of round % 2 === 0 ? both : both.toReversed()) await one();
  }
  say(`\n${atOnce} webhooks at once, until acknowledged, beside a bare loop of inserts with the same bodies`);
  for (const part of ['p50', 'p99'] as const) {
    const ours = program.map((one) => one[part]);
    const theirs = floor.map((one) => one[part]);
    say(`${part}: ${ratioText(spreadOf(ratios(ours, theirs)))} of the loop; program ${msText(spreadOf(ours))}, loop ${msText(spreadOf(theirs))}`);
  }
}

async function idleFigures(world: World, empty: Idle): Promise<void> {
  const full = await idle(world);
  say('\nThe program while nothing happens');
  say(`no previews: ${idleText(empty)}`);
  say(`${previews} previews: ${idleText(full)}; memory ${(full.memoryMiB / empty.memoryMiB).toFixed(2)} of the empty one`);
}

function idleText({ memoryMiB, cpu }: Idle): string {
  return `${Math.round(memoryMiB)} MiB, ${(100 * cpu).toFixed(1)} % of a core`;
}

async function passFigures(world: World): Promise<void> {
  await world.program.stop();
  const cost = await passCost(world, 3);
  say(`\nA pass that finds nothing to do, with ${previews} previews, beside asking the engine once what one preview has there`);
  say(`${ratioText(spreadOf(ratios(cost.pass, cost.engine)))} of the question; pass ${msText(spreadOf(cost.pass))}, question ${msText(spreadOf(cost.engine))}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
