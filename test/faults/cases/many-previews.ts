import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { instanceFilter } from '../../../src/domain/labels.ts';
import { app } from '../../support/apps.ts';
import { eventually } from '../../support/eventually.ts';
import { nextLine } from '../../support/moments.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { newRepository, open } from '../lab/tales.ts';

/** What a sweep that finds nothing new and a new start cost with so many previews, as ratios to what the engine needs to list their containers once. */
export async function manyPreviews(run: CaseRun, { repositories = 20, each = 10 }: { repositories?: number; each?: number } = {}): Promise<void> {
  const count = repositories * each;
  await withLab({ seed: run.seed, settings: { MAX_PREVIEWS: String(count), SWEEP_INTERVAL: '1h' } }, async (lab) => {
    const without = await accepting(lab);
    if (!(await run.check(`${count} previews run`, () => fill(lab, repositories, each)))) return;
    await run.check(`a sweep over ${count} previews that finds nothing new writes nothing`, () => idleSweep(run, lab));
    await run.check(`a new start with ${count} previews touches none of them`, () => newStart(run, lab, without));
  });
}

/** Accounts of their own, for GitHub is told of so much in a minute for each; in one repository all branches share an image. */
async function fill(lab: Lab, repositories: number, each: number): Promise<number> {
  const began = performance.now();
  for (let at = 1; at <= repositories; at += 1) {
    const repository = await newRepository(lab, `many-${at}`);
    for (let branch = 1; branch <= each; branch += 1) await open(lab, repository, `branch-${branch}`, app({ text: 'the same' }));
  }
  await eventually('all of them are live', async () => (await count(lab, `select count(*)::int as count from deployments where state = 'live'`)) === repositories * each, { within: 480_000, every: 1_000 });
  await lab.converge({ strictness: 'settled', within: 180_000 });
  return performance.now() - began;
}

async function idleSweep(run: CaseRun, lab: Lab): Promise<number> {
  const { github, program } = lab.world;
  const operations = await program.operations();
  // What a list shows for the first time is looked at.
  await operations.sweep();
  await untilAtRest(lab);
  const floor = await listing(lab);
  const [files, began, writes] = [await edgeFiles(lab), new Date(), engineWrites(lab)];
  const start = performance.now();
  const swept = await operations.sweep();
  const sweepMs = performance.now() - start;
  await untilAtRest(lab);
  const passesMs = performance.now() - start;
  lab.engine.setFaults(null);
  if (!swept.ok || swept.value.problems.length > 0) throw new Error(`the sweep had problems: ${JSON.stringify(swept)}`);
  const told = github.requests().filter(({ at, kind, method, path }) => at >= began && kind === 'rest' && method !== 'GET' && !path.endsWith('/access_tokens'));
  if (told.length > 0) throw new Error(`GitHub was told something: ${told.map(({ method, url }) => `${method} ${url}`).join(', ')}`);
  if (writes.length > 0) throw new Error(`the engine was told something: ${writes.join(', ')}`);
  if ((await edgeFiles(lab)) !== files) throw new Error('files of the edge were written');
  const { looked, requests, free } = swept.value;
  run.note(`${looked} previews, ${requests} requests of which ${requests - free} count: the sweep ${ratio(sweepMs, floor)}, with its passes ${ratio(passesMs, floor)}`);
  return passesMs;
}

async function newStart(run: CaseRun, lab: Lab, without: number): Promise<number> {
  const before = await containers(lab);
  const floor = await listing(lab);
  const start = performance.now();
  const swept = nextLine(lab.world, 'swept');
  const acceptMs = await accepting(lab);
  await swept;
  await untilAtRest(lab);
  const reconcileMs = performance.now() - start;
  await lab.converge();
  if ((await containers(lab)) !== before) throw new Error('some containers are not those of before');
  run.note(`the first webhook was taken after ${acceptMs.toFixed(0)} ms, ${(acceptMs / without).toFixed(1)} × without previews (${without.toFixed(0)} ms); all was looked at ${ratio(reconcileMs, floor)}`);
  return reconcileMs;
}

/** The ms from a new start until a webhook is taken. */
async function accepting({ world: { github, program } }: Lab): Promise<number> {
  await program.stop();
  const start = performance.now();
  const taken = eventually('a webhook is taken', async () => {
    github.ping();
    await github.delivered();
    const status = github.deliveries().at(-1)?.status ?? 0;
    return status >= 200 && status < 300 ? performance.now() - start : false;
  }, { within: 60_000, every: 10 });
  const [ms] = await Promise.all([taken, program.start()]);
  return ms;
}

/** No pass is due, and none is under way. */
async function untilAtRest(lab: Lab): Promise<void> {
  await eventually('no pass is due', async () => (await count(lab, 'select count(*)::int as count from previews where due_at <= now() or lease_until is not null')) === 0, { within: 120_000, every: 20 });
}

async function count(lab: Lab, sql: string): Promise<number> {
  return (await lab.rows<{ count: number }>(sql))[0]!.count;
}

/** The floor: ms in which the engine lists the containers, the middle one of five times. */
async function listing(lab: Lab): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 5; at += 1) {
    const began = performance.now();
    await listed(lab);
    times.push(performance.now() - began);
    await delay(50);
  }
  return times.toSorted((a, b) => a - b)[2]!;
}

function listed({ world }: Lab) {
  return world.docker.listContainers({ all: true, filters: { label: [instanceFilter(world.instance)] } });
}

/** Each with the time of its start. */
async function containers(lab: Lab): Promise<string> {
  const all = await Promise.all((await listed(lab)).map(({ Id }) => lab.world.docker.getContainer(Id).inspect()));
  return all.map(({ Id, State }) => `${Id} ${State.StartedAt}`).toSorted().join('\n');
}

/** Every call from now on that is no question. */
function engineWrites({ engine }: Lab): string[] {
  const writes: string[] = [];
  engine.setFaults(({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') writes.push(`${method} ${path}`);
    return undefined;
  });
  return writes;
}

async function edgeFiles({ world }: Lab): Promise<string> {
  const directory = world.program.env['TRAEFIK_DYNAMIC_DIR']!;
  const names = (await readdir(directory)).toSorted();
  return (await Promise.all(names.map(async (name) => `${name} ${(await stat(join(directory, name))).mtimeMs}`))).join('\n');
}

function ratio(ms: number, floor: number): string {
  return `${ms.toFixed(0)} ms, ${(ms / floor).toFixed(1)} × one list of the containers (${floor.toFixed(0)} ms)`;
}
