import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { close, newRepository, open, sleep } from '../lab/tales.ts';

/** The database is lost while containers live: what is open at GitHub is there again, what is not goes, and nobody gets a second comment. */
export async function lostStore(run: CaseRun): Promise<void> {
  await withLab({ seed: run.seed }, async (lab) => {
    await run.check('the store is lost with live containers', () => lost(lab));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

async function lost(lab: Lab): Promise<number> {
  const { program } = lab.world;
  const repository = await newRepository(lab, 'lost');
  const [, closed, asleep] = [await open(lab, repository, 'open'), await open(lab, repository, 'closed'), await open(lab, repository, 'asleep')];
  await lab.converge();
  await sleep(lab, asleep);
  await lab.converge();
  await program.kill();
  await rm(join(program.env['DATA_DIR']!, 'db'), { recursive: true });
  lab.forgetWebhooks();
  await close(lab, closed);
  // That somebody put it to sleep stood in the store alone.
  asleep.expects = 'running';
  const restarted = performance.now();
  await program.start();
  await lab.converge();
  return performance.now() - restarted;
}
