import { setTimeout as delay } from 'node:timers/promises';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import type { Tale } from '../lab/snapshot.ts';
import { newRepository, open, push } from '../lab/tales.ts';

const hourMs = 3_600_000;

/** The clock of the program's machine jumps: nothing goes for that, GitHub takes its tokens all the same, and a push is live after each jump. */
export async function clock(run: CaseRun): Promise<void> {
  await withLab({ seed: run.seed, settings: { SWEEP_INTERVAL: '2s' } }, async (lab) => {
    const repository = await newRepository(lab, 'clock');
    const tales = [await open(lab, repository, 'one'), await open(lab, repository, 'two')];
    await lab.converge({ strictness: 'settled' });
    for (const [name, ms] of [['two hours ahead', 2 * hourMs], ['right again', 0], ['two hours behind', -2 * hourMs], ['right once more', 0]] as const) {
      await run.check(`the clock is ${name}`, () => jumped(lab, tales, ms));
    }
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

async function jumped(lab: Lab, [pushed, other]: Tale[], ms: number): Promise<number> {
  await lab.inside({ ask: 'shift', ms });
  // Some sweeps: what is to go because of the time would go now.
  const until = performance.now() + 6_000;
  while (performance.now() < until) {
    const wrong = await lab.violations();
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    await delay(200);
  }
  await lab.world.github.commit({ repository: other!.repository, branch: other!.branch });
  await push(lab, pushed!);
  return lab.converge();
}
