import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { close, newRepository, open, push } from '../lab/tales.ts';

/** Webhooks that do not come, one by one or while the program is down: what they would have said is found all the same. */
export async function lostWebhooks(run: CaseRun, { previews = 8 }: { previews?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed }, async (lab) => {
    await run.check('30 % of the webhooks are dropped', () => dropped(lab, previews));
    for (const how of ['stopped', 'killed'] as const) await run.check(`the program is ${how} during an opening, a push and a closing`, () => down(lab, how));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

async function dropped(lab: Lab, previews: number): Promise<number> {
  const repository = await newRepository(lab, 'dropped');
  await lab.world.github.delivered();
  let lost = 0;
  lab.world.github.intercept(({ kind }) => {
    if (kind !== 'webhook' || lab.random.next() >= 0.3) return undefined;
    lost += 1;
    return 'drop';
  });
  const tales = [];
  for (let at = 0; at < previews; at += 1) tales.push(await open(lab, repository, `branch-${at}`));
  for (const tale of tales) await push(lab, tale);
  for (const tale of tales.filter((_, at) => at % 2 === 1)) await close(lab, tale);
  await lab.world.github.delivered();
  if (lost === 0) throw new Error('no webhook was dropped');
  const ms = await lab.converge();
  lab.world.github.intercept(undefined);
  lab.rest();
  return ms;
}

async function down(lab: Lab, how: 'stopped' | 'killed'): Promise<number> {
  const { program } = lab.world;
  const repository = await newRepository(lab, how);
  const pushed = await open(lab, repository, 'pushed');
  const closed = await open(lab, repository, 'closed');
  await lab.converge();
  await (how === 'stopped' ? program.stop() : program.kill());
  await open(lab, repository, 'opened');
  await push(lab, pushed);
  await close(lab, closed);
  await lab.world.github.delivered();
  const restarted = performance.now();
  await program.start();
  await lab.converge();
  const ms = performance.now() - restarted;
  lab.rest();
  return ms;
}
