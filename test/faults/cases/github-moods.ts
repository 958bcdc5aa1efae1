import { setTimeout as delay } from 'node:timers/promises';
import type { Intercepted, Verdict } from '../../../src/demo/github/index.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import type { Tale } from '../lab/snapshot.ts';
import { newRepository, open, push } from '../lab/tales.ts';

type Mood = { name: string; verdict: (request: Intercepted) => Verdict };

const limited = { message: 'You have exceeded a secondary rate limit.' };
const moods: readonly Mood[] = [
  { name: '502', verdict: () => ({ status: 502, body: { message: 'Server Error' } }) },
  { name: '403 with retry-after', verdict: () => ({ status: 403, headers: { 'retry-after': '2' }, body: limited }) },
  { name: '403 without retry-after', verdict: () => ({ status: 403, body: { message: 'Resource not accessible by integration' } }) },
  { name: '429', verdict: () => ({ status: 429, headers: { 'retry-after': '2' }, body: limited }) },
  { name: 'no answer', verdict: () => ({ status: 504, delayMs: 15_000 }) },
  { name: '200 with empty lists', verdict: ({ path, method }) => (method === 'GET' ? empty(path) : undefined) },
];

/**
 * GitHub in each mood for a while, through sweeps and a push: nothing that runs may go or stop answering; when the mood is over, the push is live.
 * And a token that ends in the middle of a fetch.
 */
export async function githubMoods(run: CaseRun, { only = moods.map(({ name }) => name), seconds = 6 }: { only?: readonly string[]; seconds?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed, settings: { SWEEP_INTERVAL: '2s' } }, async (lab) => {
    const repository = await newRepository(lab, 'moods');
    for (const branch of ['one', 'two', 'three']) await open(lab, repository, branch);
    await lab.converge();
    for (const mood of moods.filter(({ name }) => only.includes(name))) await run.check(`GitHub answers ${mood.name}`, () => through(lab, mood, seconds));
    await run.check('a token ends in the middle of a fetch', () => tokenEnds(lab, lab.tales[0]!));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

async function through(lab: Lab, { verdict }: Mood, seconds: number): Promise<number> {
  const { world, tales } = lab;
  await lab.converge({ strictness: 'settled' });
  const before = await containersOf(lab);
  world.github.intercept((request) => (request.kind === 'rest' ? verdict(request) : undefined));
  const [pushed, ...others] = lab.random.shuffled(tales);
  await push(lab, pushed!);
  const until = performance.now() + seconds * 1000;
  // The pushed one's container may be replaced once all is over, not before: nothing new is known meanwhile.
  while (performance.now() < until) {
    const there = new Set(await containersOf(lab));
    const gone = before.filter((name) => !there.has(name));
    if (gone.length > 0) throw new Error(`${gone.join(', ')} went while GitHub gave no clear answer`);
    for (const wrong of (await lab.violations()).filter((text) => others.some(({ repository, number }) => text.startsWith(`${repository.fullName}#${number} `)))) throw new Error(wrong);
    await delay(200);
  }
  world.github.intercept(undefined);
  return lab.converge();
}

async function containersOf({ world }: Lab): Promise<string[]> {
  return (await world.remains()).containers;
}

/** The first fetch with git finds every token ended. */
async function tokenEnds(lab: Lab, tale: Tale): Promise<number> {
  const { github } = lab.world;
  let fetches = 0;
  github.intercept(({ kind }) => {
    if (kind === 'git' && fetches++ === 1) github.expireTokens();
    return undefined;
  });
  await push(lab, tale);
  const ms = await lab.converge();
  github.intercept(undefined);
  if (fetches < 2) throw new Error('no fetch came: nothing was tested');
  return ms;
}

/** Of those lists whose emptiness could be taken for an end of things; what is no list is as it is. */
function empty(path: string): Verdict {
  if (path === '/installation/repositories') return { status: 200, body: { total_count: 0, repositories: [] } };
  return /\/(?:pulls|branches|installations|deliveries)$/.test(path) ? { status: 200, body: [] } : undefined;
}
