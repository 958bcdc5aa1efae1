import { byInsertLoop, byProgram, newGuids, sampleWebhook } from '../../../bench/webhooks.ts';
import { eventually } from '../../support/eventually.ts';
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
  const guids = newGuids(count);
  const began = performance.now();
  const ours = await byProgram(lab.world, sample, guids);
  const ms = performance.now() - began;
  const handledOf = async () => {
    const handled = new Set((await lab.rows<{ guid: string }>(`select guid from deliveries where state <> 'waiting'`)).map(({ guid }) => guid));
    return guids.filter((guid) => handled.has(guid)).length;
  };
  // The last ones are logged a moment before that is written down.
  await eventually('all of them are handled', async () => (await handledOf()) === count).catch(() => undefined);
  const kept = await handledOf();
  if (kept !== count) throw new Error(`${kept} of ${count} accepted webhooks are in the ledger and handled`);
  const floor = await byInsertLoop(sample, count);
  run.note(`acknowledged: half after ${ours.p50.toFixed(0)} ms, 99 of 100 after ${ours.p99.toFixed(0)} ms; ${(ours.p99 / floor.p99).toFixed(2)} × a bare loop of inserts (${floor.p99.toFixed(0)} ms)`);
  return ms;
}
