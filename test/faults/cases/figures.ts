import { byInsertLoop, byProgram, sampleWebhook } from '../../../bench/webhooks.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';

/** How it does with much at once, as a ratio to a raw floor of the same run. */
export async function figures(run: CaseRun, { webhooks = 1_000 }: { webhooks?: number } = {}): Promise<void> {
  // That a webhook was handled is logged for debugging only.
  await withLab({ seed: run.seed, settings: { LOG_LEVEL: 'debug' } }, async (lab) => {
    await run.check(`${webhooks} webhooks at once, none lost`, () => manyWebhooks(run, lab, webhooks));
  });
}

async function manyWebhooks(run: CaseRun, lab: Lab, count: number): Promise<number> {
  const sample = await sampleWebhook(lab.world);
  const stored = async () => (await lab.rows<{ count: number }>(`select count(*)::int as count from deliveries where state <> 'waiting'`))[0]!.count;
  await lab.converge();
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
