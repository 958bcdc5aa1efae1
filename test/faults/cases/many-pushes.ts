import { setTimeout as delay } from 'node:timers/promises';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { newRepository, open, push } from '../lab/tales.ts';

/** A branch that is pushed to faster than it can be built: few builds, and the last push is live. */
export async function manyPushes(run: CaseRun, { pushes = 100, everyMs = 600 }: { pushes?: number; everyMs?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed }, async (lab) => {
    await run.check(`${pushes} pushes in ${Math.round((pushes * everyMs) / 1000)} s to one branch`, () => pushed(run, lab, pushes, everyMs));
    // GitHub is told of every push, and of no more than 60 things in a minute.
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled', within: 300_000 }));
  });
}

/** The engine takes two seconds more for each build, so that most pushes find the build of an earlier one under way. */
async function pushed(run: CaseRun, lab: Lab, pushes: number, everyMs: number): Promise<number> {
  const tale = await open(lab, await newRepository(lab, 'pushes'), 'feature');
  await lab.converge();
  lab.engine.setFaults(({ path }) => (/\/build\?/.test(path) ? { delayMs: 2_000 } : undefined));
  for (let at = 1; at <= pushes; at += 1) {
    await push(lab, tale);
    await delay(everyMs);
  }
  const ms = await lab.converge();
  const built = await lab.rows<{ count: number }>('select count(*)::int as count from deployments where built_at is not null');
  const finished = built[0]!.count;
  run.note(`${finished} of ${pushes} pushes were built to the end`);
  if (finished > pushes / 2) throw new Error(`${finished} of ${pushes} pushes were built to the end`);
  return ms;
}
