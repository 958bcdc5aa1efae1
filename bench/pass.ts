import { pino } from 'pino';
import type { World } from '../src/demo/world.ts';
import { pass } from '../src/reconcile/pass.ts';
import { openProgram } from '../src/serve/program.ts';
import { readSettings } from '../src/settings.ts';

/** Ms of one pass that finds nothing to do, and of asking the engine once what a preview has there, which a pass does too. */
export type PassCost = { pass: number[]; engine: number[] };

/**
 * Passes over the previews of the world, one at a time, in this process and over the program's own data: the program must not run. Each pass
 * is followed by one question to the engine.
 */
export async function passCost(world: World, rounds: number): Promise<PassCost> {
  const read = readSettings(world.program.env);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const logged: string[] = [];
  // A pass never throws: what it did, or failed to do, it logs.
  const program = await openProgram(read.settings, pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }));
  const cost: PassCost = { pass: [], engine: [] };
  const { deps } = program;
  const { previews } = deps.store;
  const stop = new AbortController();
  try {
    const running = (await previews.all()).filter((preview) => preview.state === 'running');
    for (let round = 0; round < rounds; round += 1) {
      for (const { id } of running) {
        await previews.kick(id, { look: false }, deps.clock.now());
        const claimed = await previews.claim('bench', deps.clock.now(), 60_000);
        if (claimed?.preview.id !== id || claimed.attempts > 0) throw new Error(`preview ${id} was kicked, and could not be claimed as one in order`);
        logged.length = 0;
        const began = performance.now();
        await pass(deps, claimed, stop.signal);
        const passed = performance.now();
        if (logged.length > 0) throw new Error(`a pass that should find nothing to do logged ${logged.join('')}`);
        await deps.engine.things(stop.signal, id);
        cost.pass.push(passed - began);
        cost.engine.push(performance.now() - passed);
      }
    }
    return cost;
  } finally {
    stop.abort();
    deps.readiness.stop();
    await program.close();
  }
}
