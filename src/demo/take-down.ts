import { ContractBroken } from './github/index.ts';
import type { Screen } from './screen.ts';
import type { World } from './world.ts';

/**
 * Ends the world and says how that went: whether all of it could be removed, and whether what the program and GitHub had said to each
 * other was as GitHub describes it. False when either was not so.
 */
export async function takeDown(screen: Pick<Screen, 'line'>, world: Pick<World, 'close'>): Promise<boolean> {
  const began = performance.now();
  const problems = await problemsOf(world.close());
  const broken = problems.filter((problem) => problem instanceof ContractBroken);
  const left = problems.filter((problem) => !(problem instanceof ContractBroken));
  for (const { message } of broken) screen.line(`\n✗ ${message}`);
  if (left.length > 0) screen.line('\n✗ Not everything that this demo made could be removed:');
  else screen.line(`\nRemoved everything that this demo made: containers, networks, images and files (${((performance.now() - began) / 1000).toFixed(1)} s).`);
  for (const problem of left) screen.line(`  ${problem instanceof Error ? problem.message : String(problem)}`);
  return problems.length === 0;
}

async function problemsOf(closing: Promise<void>): Promise<unknown[]> {
  try {
    await closing;
    return [];
  } catch (error) {
    return error instanceof AggregateError ? error.errors : [error];
  }
}
