import type { CaseRun } from '../lab/case.ts';
import type { Fault } from '../lab/engine-proxy.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { close, newRepository, open, push } from '../lab/tales.ts';

/** What befalls one call of a journey. */
const engineFaults: readonly { name: string; fault: Fault }[] = [
  { name: '500', fault: { status: 500 } },
  { name: '409', fault: { status: 409 } },
  { name: '404', fault: { status: 404 } },
  { name: 'reset', fault: 'reset' },
];

const githubFaults = ['500', '404', '409', 'cut'] as const;

/**
 * The N-th call of a journey (opened, pushed to, closed) fails, for every N until a journey has fewer calls; how it fails takes turns, which another seed deals
 * out differently. `every`: only each so-manieth N, for those who have less time. A hanging call takes as long as the program waits for one, so only some hang.
 */
export async function failingEngine(run: CaseRun, { every = 1, hangEvery = 20 }: { every?: number; hangEvery?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed }, async (lab) => {
    for (const [at, { name, fault }] of engineFaults.entries()) await eachCall(run, lab, `engine answers ${name}`, ((at + run.seed) % engineFaults.length) * every, every * engineFaults.length, engineFault(lab, fault));
    await eachCall(run, lab, 'engine hangs', lab.random.below(hangEvery), hangEvery, engineFault(lab, 'hang'));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

export async function failingGithub(run: CaseRun, { every = 1, hangEvery = 12 }: { every?: number; hangEvery?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed }, async (lab) => {
    for (const [at, name] of githubFaults.entries()) await eachCall(run, lab, `GitHub answers ${name}`, ((at + run.seed) % githubFaults.length) * every, every * githubFaults.length, githubFault(lab, name));
    await eachCall(run, lab, 'GitHub hangs', lab.random.below(hangEvery), hangEvery, githubFault(lab, 'hang'));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

/** Makes the call of that number fail from now on; returns how many calls there were when asked. */
type Arm = (at: number) => { calls(): number; end(): void };

function engineFault({ engine }: Lab, fault: Fault): Arm {
  return (failing) => {
    engine.setFaults(({ at }) => (at === failing ? fault : undefined));
    return { calls: () => engine.calls(), end: () => engine.setFaults(null) };
  };
}

function githubFault({ world }: Lab, name: (typeof githubFaults)[number] | 'hang'): Arm {
  return (failing) => {
    let count = 0;
    world.github.intercept(({ kind }) => {
      if (kind === 'webhook' || count++ !== failing) return undefined;
      if (name === 'cut') return 'drop';
      return name === 'hang' ? { delayMs: 20_000, status: 504 } : { status: Number(name), body: { message: 'the laboratory says so' } };
    });
    return { calls: () => count, end: () => world.github.intercept(undefined) };
  };
}

/** Journeys with a failing call each, until one ends before its call came. */
async function eachCall(run: CaseRun, lab: Lab, what: string, first: number, step: number, arm: Arm): Promise<void> {
  for (let at = first; at < mostCalls; at += step) {
    const seen = { calls: 0 };
    const passed = await run.check(`${what} to call ${at + 1}`, () => journeyWith(lab, `${what.replaceAll(/[^a-zA-Z0-9]+/g, '-').toLowerCase()}-${at}`, at, arm, seen));
    lab.rest();
    if (!passed || seen.calls <= at) return;
  }
}

async function journeyWith(lab: Lab, name: string, failing: number, arm: Arm, seen: { calls: number }): Promise<number> {
  const repository = await newRepository(lab, name);
  const { calls, end } = arm(failing);
  try {
    const tale = await open(lab, repository, 'feature');
    const began = performance.now();
    await lab.converge();
    await push(lab, tale);
    await lab.converge();
    await close(lab, tale);
    await lab.converge();
    return performance.now() - began;
  } finally {
    seen.calls = calls();
    end();
  }
}

const mostCalls = 400;
