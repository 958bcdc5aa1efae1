import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../../support/postgres/server.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { journey, type Phase, phases } from '../lab/journey.ts';
import { randomFrom } from '../lab/random.ts';
import { newRepository } from '../lab/tales.ts';

/** When the program dies: right after a call of that name, or so many ms after the phase begins. */
type Death = { after: string } | { ms: number };

/** `settings`: more of the program's, for each world anew. */
type Kills = { perPhase?: number; moments?: number; settings?: () => Promise<Record<string, string>> };

/**
 * The program is killed right after each call that one journey makes, by its phases, and at random moments; after each it is started again at once,
 * and must come to where it would have come without that. `perPhase`: only so many of each phase's calls.
 */
export async function kills(run: CaseRun, { perPhase = Infinity, moments = 100, settings = async () => ({}) }: Kills = {}): Promise<void> {
  const random = randomFrom(run.seed);
  const calls = perPhase === 0 ? new Map<Phase, string[]>() : await withLab({ seed: run.seed, settings: await settings() }, record);
  const queues = new Map<Phase, Death[]>(phases.map((phase) => [phase, random.shuffled(calls.get(phase) ?? []).slice(0, perPhase).map((after) => ({ after }))]));
  if (calls.size > 0) run.note(phases.map((phase) => `${phase}: ${calls.get(phase)!.length} calls`).join(', '));
  // Each to the phase that has the fewest, so that every journey is killed in all of its phases.
  for (let count = 0; count < moments; count += 1) [...queues.values()].toSorted((a, b) => a.length - b.length)[0]!.push({ ms: random.below(longestMs) });
  let missed = 0;
  // After one that fails, what is left has a world of its own.
  for (let worlds = 0; worlds < mostWorlds && left(queues) > 0; worlds += 1) {
    await withLab({ seed: run.seed, settings: await settings() }, async (lab) => {
      for (let round = 1; left(queues) > 0; round += 1) {
        const story = journey(lab, await newRepository(lab, `killed-${round}`));
        for (const phase of phases) {
          const death = queues.get(phase)!.shift();
          if (death === undefined) {
            await story.begin(phase);
            await lab.converge();
            continue;
          }
          const met = { died: true };
          const name = 'after' in death ? `after ${death.after}` : `${death.ms} ms after it began`;
          const passed = await run.check(`${phase} · killed ${name}`, () => killedOnce(lab, () => story.begin(phase), death, met));
          if (!met.died) missed += 1;
          if (!passed) return;
        }
        lab.rest();
      }
      await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
    });
  }
  if (calls.size > 0) run.note(`${missed} calls were not made a second time, so that nobody was killed after them`);
  if (left(queues) > 0) throw new Error(`given up after ${mostWorlds} failures; ${left(queues)} kills were not tried`);
}

/** Where leases outlive whoever held them: on a Postgres, which others may share. */
export async function killsOnPostgres(run: CaseRun, { moments = 24 }: { moments?: number } = {}): Promise<void> {
  const postgres = await startPostgres({ durable: true });
  try {
    await kills(run, { perPhase: 0, moments, settings: async () => ({ DATABASE_URL: await postgres.createDatabase() }) });
  } finally {
    postgres.close();
  }
}

const longestMs = 1_500;
const mostWorlds = 5;

/** One journey without a kill: the calls of each phase. */
async function record(lab: Lab): Promise<Map<Phase, string[]>> {
  const story = journey(lab, await newRepository(lab, 'recorded'));
  const calls = new Map<Phase, string[]>();
  for (const phase of phases) {
    await lab.inside({ ask: 'forget' });
    await story.begin(phase);
    await lab.converge();
    // What comes a little later belongs to it, too: reports and removals.
    await delay(tailMs);
    calls.set(phase, await lab.inside<string[]>({ ask: 'calls' }));
  }
  return calls;
}

const tailMs = 1_000;

/** Resolves with the ms from the new start until all is well. */
async function killedOnce(lab: Lab, begin: () => Promise<() => Promise<unknown>>, death: Death, met: { died: boolean }): Promise<number> {
  if ('after' in death) await lab.inside({ ask: 'arm', name: death.after });
  const again = begin().catch(() => null);
  if ('ms' in death) {
    await delay(death.ms);
    await lab.world.program.kill();
  } else {
    const came = await Promise.race([lab.ended(reachedMs), again.then(() => lab.converge()).then(() => delay(tailMs)).then(() => false, () => lab.ended(reachedMs))]);
    met.died = came;
    if (!came && lab.world.program.pid !== null) await lab.world.program.kill();
  }
  const restarted = performance.now();
  await lab.world.program.start();
  await (await again)?.();
  await lab.converge();
  return performance.now() - restarted;
}

const reachedMs = 15_000;

function left(queues: ReadonlyMap<Phase, readonly Death[]>): number {
  return [...queues.values()].reduce((sum, queue) => sum + queue.length, 0);
}
