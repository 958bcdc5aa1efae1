import { setTimeout as delay } from 'node:timers/promises';
import { instanceFilter } from '../../../src/domain/labels.ts';
import { startPreviews } from '../../../bench/idle.ts';
import { byInsertLoop, byProgram, sampleWebhook } from '../../../bench/webhooks.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';

/** How it does with much at once, as ratios to a raw floor of the same run where there is one. */
export async function figures(run: CaseRun, { webhooks = 1_000, previews = 200 }: { webhooks?: number; previews?: number } = {}): Promise<void> {
  // That a webhook was handled is logged for debugging only.
  await withLab({ seed: run.seed, settings: { LOG_LEVEL: 'debug' } }, async (lab) => {
    await run.check(`${webhooks} webhooks at once, none lost`, () => manyWebhooks(run, lab, webhooks));
  });
  await withLab({ seed: run.seed, settings: { MAX_PREVIEWS: String(previews + 10), SWEEP_INTERVAL: '1h' } }, async (lab) => {
    const up = await run.check(`${previews} previews are up`, async () => {
      const began = performance.now();
      await startPreviews(lab.world, previews);
      return performance.now() - began;
    });
    if (!up) return;
    await run.check(`a sweep over ${previews} previews that has nothing to do`, () => idleSweep(run, lab));
    await run.check(`a restart with ${previews} previews`, () => restart(run, lab, previews));
  });
}

async function manyWebhooks(run: CaseRun, lab: Lab, count: number): Promise<number> {
  const sample = await sampleWebhook(lab.world);
  const stored = async () => (await lab.rows<{ count: number }>(`select count(*)::int as count from deliveries where state <> 'waiting'`))[0]!.count;
  const before = await stored();
  const began = performance.now();
  const ours = await byProgram(lab.world, sample, count);
  const ms = performance.now() - began;
  const kept = (await stored()) - before;
  if (kept !== count) throw new Error(`${kept} of ${count} accepted webhooks are in the ledger and handled`);
  const floor = await byInsertLoop(sample, count);
  run.note(`acknowledged: half after ${ours.p50.toFixed(0)} ms, 99 of 100 after ${ours.p99.toFixed(0)} ms; ${(ours.p99 / floor.p99).toFixed(2)} × a bare loop of inserts (${floor.p99.toFixed(0)} ms)`);
  return ms;
}

/** With the number of transactions that wrote something, and its time beside that of listing the containers. */
async function idleSweep(run: CaseRun, { world, rows }: Lab): Promise<number> {
  const written = async () => (await rows<{ next: number }>('select txid_snapshot_xmax(txid_current_snapshot())::int as next'))[0]!.next;
  const began = performance.now();
  await world.docker.listContainers({ all: true, filters: { label: [instanceFilter(world.instance)] } });
  const floor = performance.now() - began;
  const before = await written();
  const swept = performance.now();
  const answer = await (await world.program.operations()).sweep();
  const ms = performance.now() - swept;
  if (!answer.ok) throw new Error(answer.problem);
  await delay(passesMs);
  run.note(`it took ${ms.toFixed(0)} ms, ${(ms / floor).toFixed(1)} × listing the containers (${floor.toFixed(0)} ms); ${(await written()) - before} transactions wrote something, the passes after it included`);
  return ms;
}

const passesMs = 10_000;

/** Until webhooks are taken, and until the sweep of the start is over. */
async function restart(run: CaseRun, { world }: Lab, previews: number): Promise<number> {
  const { program } = world;
  await program.kill();
  const began = performance.now();
  const swept = new Promise<number>((resolve) => {
    const off = program.onLine(({ msg }) => {
      if (msg !== 'swept') return;
      off();
      resolve(performance.now() - began);
    });
  });
  await program.start();
  const accepts = performance.now() - began;
  const reconciled = await Promise.race([swept, delay(60_000).then(() => Promise.reject(new Error('no sweep was over within 60 s')))]);
  const { containers } = await world.remains();
  if (containers.length !== previews) throw new Error(`${containers.length} containers of ${previews} are left`);
  run.note(`it accepts after ${accepts.toFixed(0)} ms, and its first sweep is over after ${reconciled.toFixed(0)} ms`);
  return reconciled;
}
