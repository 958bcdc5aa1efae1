import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { close, newRepository, open, push } from '../lab/tales.ts';

/** Webhooks in any order and any number: what is true at GitHub counts, not what came last. No sweep helps here. */
export async function disorder(run: CaseRun, { orders = 10, copies = 50 }: { orders?: number; copies?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed, settings: { SWEEP_INTERVAL: '1h' } }, async (lab) => {
    for (let at = 1; at <= orders; at += 1) {
      await run.check(`five pushes, a closing and a reopening in shuffled order ${at}`, () => shuffled(lab, `shuffled-${at}`));
    }
    await run.check(`each webhook ${copies} times at once`, () => copied(lab, copies));
    await run.check('`closed` before `opened`', () => closedFirst(lab));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

async function shuffled(lab: Lab, name: string): Promise<number> {
  const guids = await heldBack(lab, name, async (repository) => {
    const tale = await open(lab, repository, 'feature');
    for (let count = 0; count < 5; count += 1) await push(lab, tale);
    await close(lab, tale);
    await lab.world.github.reopenPullRequest({ repository, number: tale.number });
  });
  for (const guid of lab.random.shuffled(guids)) await lab.world.github.redeliver(guid);
  return converged(lab);
}

async function copied(lab: Lab, copies: number): Promise<number> {
  const guids = await heldBack(lab, 'copied', async (repository) => {
    await push(lab, await open(lab, repository, 'feature'));
  });
  await Promise.all(guids.flatMap((guid) => Array.from({ length: copies }, () => lab.world.github.redeliver(guid))));
  const rows = await lab.rows<{ guid: string }>('select guid from deliveries');
  for (const guid of guids) if (rows.filter((row) => row.guid === guid).length !== 1) throw new Error(`the webhook ${guid} is not in the ledger once`);
  return converged(lab);
}

async function closedFirst(lab: Lab): Promise<number> {
  const guids = await heldBack(lab, 'closed-first', async (repository) => close(lab, await open(lab, repository, 'feature')));
  for (const guid of guids.toReversed()) await lab.world.github.redeliver(guid);
  return converged(lab);
}

/** The webhooks of what happens in `act`, in a repository that is known by then; none of them was sent. */
async function heldBack(lab: Lab, name: string, act: (repository: Awaited<ReturnType<typeof newRepository>>) => Promise<unknown>): Promise<string[]> {
  const { github } = lab.world;
  const repository = await newRepository(lab, name);
  await github.delivered();
  github.intercept(({ kind }) => (kind === 'webhook' ? 'drop' : undefined));
  await act(repository);
  await github.delivered();
  github.intercept(undefined);
  return github.deliveries().flatMap(({ guid, repositoryId, status }) => (repositoryId === repository.id && status === 0 ? [guid] : []));
}

async function converged(lab: Lab): Promise<number> {
  const ms = await lab.converge();
  lab.rest();
  return ms;
}
