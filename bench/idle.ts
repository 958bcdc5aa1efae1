import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../src/demo/world.ts';
import { siteThatSays } from './app.ts';
import { untilRunning, within } from './wait.ts';

/** The program while nothing happens: resident memory in MiB, and the part of one core that it takes. */
export type Idle = { memoryMiB: number; cpu: number };

/** Looks at the program for ten seconds, once it has logged nothing for six: nothing that was begun before is weighed. */
export async function idle(world: World): Promise<Idle> {
  await untilQuiet(world);
  const pid = world.program.pid;
  if (pid === null) throw new Error('the program does not run');
  const before = await cpuSeconds(pid);
  const began = performance.now();
  await delay(spanMs);
  const seconds = (performance.now() - began) / 1000;
  return { memoryMiB: await residentMiB(pid), cpu: ((await cpuSeconds(pid)) - before) / seconds };
}

/** Branches with the same files, so that all of them run one image; waits until all of them run and nothing is left to do. */
export async function startPreviews(world: World, count: number): Promise<void> {
  const files = await siteThatSays(randomUUID());
  const repository = await world.github.createRepository({ owner: 'many', name: 'site', files: await siteThatSays('main') });
  await world.github.delivered();
  for (let number = 1; number <= count; number += 1) {
    await world.github.commit({ repository, branch: `branch-${number}`, files });
    // A few at a time: what is measured comes after all of this.
    if (number % 5 === 0 || number === count) await untilRunning(world, number);
  }
  await untilQuiet(world);
}

async function untilQuiet({ program }: World): Promise<void> {
  await within('the program has nothing to do', () => {
    const last = program.lines().at(-1)?.at.getTime() ?? 0;
    return Date.now() - last > quietMs ? true : undefined;
  });
}

/** User and system time of a process so far (proc(5): fields 14 and 15, in hundredths of a second). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function residentMiB(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`no memory is told of process ${pid}`);
  return Number(kib) / 1024;
}

const spanMs = 10_000;
/** A comment is edited 5 s after the edit before, and a version that was replaced is removed after 5 s. */
const quietMs = 6_000;
