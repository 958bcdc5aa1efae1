import { actionText } from '../domain/plan/action-text.ts';
import { plan } from '../domain/plan/plan.ts';
import type { Preview } from '../domain/preview.ts';
import { failureOf } from '../domain/errors.ts';
import type { Deps } from './deps.ts';
import { observeLimitMs } from './limits.ts';
import { readAndDecide } from './look.ts';
import { observePreview } from './observe.ts';
import type { RepositoryFacts } from './ports/code-host.ts';
import { isAllowed, refOf } from './sight.ts';
import { findOrphans, isUnsettled } from './sweep.ts';

/** What a sweep would do about one thing; `plan` in words, never empty. `repository` and `ref` are empty for what has no row. */
export type PlannedStep = { subject: string; repository: string; ref: string; plan: string[] };
export type SweepPlan = { looked: number; steps: PlannedStep[]; problems: string[] };

/**
 * What a sweep and the passes that it kicks would do first, as far as it can be known without doing anything: GitHub, rows, engine and holds are read,
 * nothing is written. One bad item stops nothing, and is a problem.
 */
export async function planSweep(deps: Deps, signal: AbortSignal): Promise<SweepPlan> {
  const steps: PlannedStep[] = [];
  const problems: string[] = [];
  const each = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      const { why } = failureOf(error, 'planning');
      problems.push(why === '' ? what : `${what}: ${why}`);
    }
  };

  /** Previews that a sweep would look at for what GitHub lists, however settled they are. */
  const listed = new Set<number>();
  await each('the installations could not be read', async () => {
    for (const installation of await deps.codeHost.installations(signal)) {
      if (installation.suspended) continue;
      await each(`the installation on ${installation.account} could not be read`, async () => {
        for (const repository of await deps.codeHost.repositories(installation.id, signal)) {
          if (!isAllowed(deps, repository.owner)) continue;
          await each(`${repository.owner}/${repository.name} could not be read`, async () => void steps.push(...(await newRows(deps, repository, listed, signal))));
        }
      });
    }
  });
  let looked = 0;
  for (const preview of (await deps.store.previews.all()).filter((one) => isUnsettled(one) || listed.has(one.id))) {
    looked += 1;
    await each(`${preview.hostLabel} could not be looked at`, async () => {
      const words = await planOf(deps, preview, signal);
      if (words.length > 0) steps.push({ ...named(preview), plan: words });
    });
  }
  await each('what is ours could not be listed', async () => {
    const { containers, networks, holds, images } = await findOrphans(deps, signal);
    const orphans = [
      ...containers.map(({ name }) => ['the container', name]),
      ...networks.map((name) => ['the network', name]),
      ...holds.map((id) => ['the hold of version', String(id)]),
      ...images.map((name) => ['the image', name]),
    ];
    for (const [kind, name] of orphans) steps.push({ subject: name!, repository: '', ref: '', plan: [`remove ${kind}, which has no row`] });
  });
  return { looked, steps, problems };
}

/** What GitHub shows of a repository and has no row yet; what has one is added to `listed`. */
async function newRows(deps: Deps, repository: RepositoryFacts, listed: Set<number>, signal: AbortSignal): Promise<PlannedStep[]> {
  const place = `${repository.owner}/${repository.name}`;
  const project = await deps.store.projects.byRepositoryId(repository.repositoryId);
  if (project === null || !project.sighted) return [{ subject: place, repository: place, ref: '', plan: ['see it for the first time'] }];
  const [heads, pulls] = await Promise.all([deps.codeHost.heads(project, signal), deps.codeHost.openPulls(project, signal)]);
  const moved = [];
  for (const { branch, sha } of heads) if ((await deps.store.projects.firstHead(project.id, branch)) !== sha) moved.push({ kind: 'branch', name: branch } as const);
  const refs = new Map([...pulls.map(refOf), ...moved].map((ref) => [JSON.stringify(ref), ref]));
  const steps: PlannedStep[] = [];
  for (const ref of refs.values()) {
    const preview = await deps.store.previews.byRef(project.id, ref);
    if (preview !== null) {
      listed.add(preview.id);
      continue;
    }
    const name = ref.kind === 'branch' ? ref.name : `pr-${ref.number}`;
    steps.push({ subject: name, repository: place, ref: name, plan: ['look at it for the first time'] });
  }
  return steps;
}

async function planOf(deps: Deps, preview: Preview, signal: AbortSignal): Promise<string[]> {
  const { decided } = await readAndDecide(deps, preview, signal);
  const seen = await observePreview(deps, preview.id, AbortSignal.any([signal, AbortSignal.timeout(observeLimitMs)]));
  if (seen === null) return [];
  const { actions } = plan({ ...seen.observed, wanted: decided });
  return [...new Set(actions.map(actionText))];
}

function named({ hostLabel, project, ref }: Preview): Omit<PlannedStep, 'plan'> {
  return { subject: hostLabel, repository: `${project.owner}/${project.name}`, ref: ref.kind === 'branch' ? ref.name : `pr-${ref.number}` };
}
