import { failureOf } from '../domain/errors.ts';
import { networkName } from '../domain/host.ts';
import { imagePrefix, isOurImage } from '../domain/image-name.ts';
import type { Preview } from '../domain/preview.ts';
import { capacityOf } from '../domain/room.ts';
import type { Deps } from './deps.ts';
import { isKnown } from './is-known.ts';
import { ensurePreview, ensureSighted, isAllowed, refOf } from './sight.ts';
import { collectSpace } from './space.ts';
import type { Cost, RepositoryFacts } from './ports/code-host.ts';
import type { ContainerFacts } from './ports/engine.ts';
import type { Drift } from './ports/metrics.ts';

/** `looked`: previews that were kicked; `asking`: those of them that look at GitHub. `cost`: of the sweep itself, without what the passes ask that it kicks. */
export type Swept = { looked: number; asking: number; cost: Cost; problems: string[] };

/**
 * The guarantee behind the webhooks: every open pull request and every moved head has a row, every row has its pass, and what is ours on the
 * engine or at the edge without a row goes. It only kicks: passes do the rest. A row looks at GitHub again unless the lists of its repository
 * show what is known of it (`is-known.ts`); what lists lack removes nothing. One bad item stops nothing.
 */
export async function sweep(deps: Deps, signal: AbortSignal): Promise<Swept> {
  const began = deps.clock.now().getTime();
  const took = () => deps.clock.now().getTime() - began;
  try {
    const cost: Cost = { requests: 0, free: 0 };
    const swept = await deps.codeHost.metered(cost, () => sweepAll(deps, cost, signal));
    deps.metrics.sweepAsked(cost.requests, cost.free);
    deps.metrics.sweepEnded(swept.problems.length === 0 ? 'clean' : 'problems', took());
    return swept;
  } catch (error) {
    deps.metrics.sweepEnded('broken_off', took());
    throw error;
  }
}

async function sweepAll(deps: Deps, cost: Cost, signal: AbortSignal): Promise<Swept> {
  const problems: string[] = [];
  const note = (what: string, error: unknown) => {
    deps.log.warn({ err: error }, what);
    const { why } = failureOf(error, 'sweeping');
    problems.push(why === '' ? what : `${what}: ${why}`);
  };
  const each = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      note(what, error);
    }
  };

  const known = new Set<number>();
  await each('the installations could not be read', async () => {
    for (const installation of await deps.codeHost.installations(signal)) {
      if (installation.suspended) continue;
      await each(`the installation on ${installation.account} could not be swept`, () => sweepInstallation(deps, installation.id, signal, known, each));
    }
  });
  let looked = 0;
  let asking = 0;
  await each('the previews could not be kicked', async () => {
    for (const preview of (await deps.store.previews.all()).filter((one) => isUnsettled(one) && one.setAside === null)) {
      await kick(deps, preview.id, !known.has(preview.id));
      looked += 1;
      if (!known.has(preview.id)) asking += 1;
    }
  });
  await each('previews that nobody uses could not be expired', () => expireUnused(deps));
  await each('previews beyond the limits could not be put to sleep', () => trim(deps));
  await each('what waits for a time that will not come for long could not be found', () => deps.store.reports.forgetFuture(deps.clock.now()));
  await each('the gate could not be written', () => deps.edge.writeGate());
  await each('what is ours could not be listed', () => sweepOrphans(deps, signal, each));
  const unusedSince = new Date(Math.max(0, deps.clock.now().getTime() - deps.config.expireAfterMs));
  await each('old webhooks could not be dropped from the ledger', () => forgetDeliveries(deps, signal));
  await each('base images that nothing uses could not be removed', () => deps.builder.collectBases(unusedSince, signal));
  await each('what takes room on the disk could not be measured or removed', () => collectSpace(deps, signal));
  deps.log.info({ looked, asking, requests: cost.requests, free: cost.free, problems: problems.length }, 'swept');
  return { looked, asking, cost, problems };
}

async function expireUnused(deps: Deps): Promise<void> {
  const { expireAfterMs } = deps.config;
  const now = deps.clock.now();
  if (expireAfterMs === Infinity) return;
  const expired = await deps.store.previews.expire(new Date(now.getTime() - expireAfterMs), now);
  if (expired.length > 0) deps.log.info({ previews: expired }, 'previews that nobody used for long expire');
}

/** An operator may allow less than before. */
async function trim(deps: Deps): Promise<void> {
  const { count, by } = capacityOf(deps.config);
  const slept = await deps.store.previews.trimRoom(count, deps.clock.now());
  if (slept.length > 0) deps.log.info({ previews: slept, capacity: count, by }, 'previews beyond the limits are put to sleep');
}

/** A webhook's row stays for 30 days: GitHub keeps them for three, and so long none that comes again is taken for a new one. */
async function forgetDeliveries(deps: Deps, signal: AbortSignal): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - keepDeliveriesMs);
  while ((await deps.store.deliveries.forget(before)) > 0) signal.throwIfAborted();
}

const keepDeliveriesMs = 30 * 24 * 3_600_000;

type Each = (what: string, work: () => Promise<void>) => Promise<void>;

/** Rows for what an installation shows. Without `each` the first problem is thrown. Previews of which the lists show nothing new are added to `known`. */
export async function sweepInstallation(
  deps: Deps,
  installationId: number,
  signal: AbortSignal,
  known = new Set<number>(),
  each: Each = (_, work) => work(),
): Promise<void> {
  for (const repository of await deps.codeHost.repositories(installationId, signal)) {
    if (!isAllowed(deps, repository.owner)) continue;
    await each(`${repository.owner}/${repository.name} could not be swept`, () => sweepRepository(deps, repository, known, signal));
  }
}

async function sweepRepository(deps: Deps, repository: RepositoryFacts, known: Set<number>, signal: AbortSignal): Promise<void> {
  const before = await deps.store.projects.byRepositoryId(repository.repositoryId);
  const project = await ensureSighted(deps, repository, null, signal);
  if (!before?.sighted) return;
  // What another installation shows is looked at anew: it may have been gone meanwhile.
  const moved = before.installationId !== repository.installationId;
  const [heads, pulls] = await Promise.all([deps.codeHost.heads(project, signal), deps.codeHost.openPulls(project, signal)]);
  for (const preview of moved ? [] : await deps.store.previews.ofProject(project.id)) if (isKnown(preview, heads, pulls)) known.add(preview.id);
  for (const pull of pulls) await ensureAndKick(deps, project.id, refOf(pull), pull.headSha, known);
  for (const head of heads) {
    if ((await deps.store.projects.firstHead(project.id, head.branch)) !== head.sha) await ensureAndKick(deps, project.id, { kind: 'branch', name: head.branch }, head.sha, known);
  }
}

/** `head`: the commit that GitHub shows for the ref. What is `known` has its kick with all other rows. */
async function ensureAndKick(deps: Deps, projectId: number, ref: Preview['ref'], head: string, knownOnes: ReadonlySet<number>): Promise<void> {
  const known = await deps.store.previews.byRef(projectId, ref);
  if (known === null) deps.metrics.driftFound('preview');
  else if (known.wanted.run !== 'nothing' && known.wanted.sha !== head) deps.metrics.driftFound('head');
  const preview = known ?? (await ensurePreview(deps, projectId, ref));
  // What is set aside has a time of its own, unless GitHub shows another commit now.
  const waits = preview.setAside !== null && preview.wanted.sha === head;
  if (!waits && !knownOnes.has(preview.id)) await kick(deps, preview.id, true);
}

async function kick(deps: Deps, previewId: number, look: boolean): Promise<void> {
  await deps.store.previews.kick(previewId, { look }, deps.clock.now());
  deps.metrics.sweepKicked();
}

/** A row that wants nothing, with no open pull request, has nothing to ask GitHub about: what would bring it back is in GitHub's lists. */
export function isUnsettled(preview: Preview): boolean {
  return preview.wanted.run !== 'nothing' || preview.pulls.length > 0;
}

/** Ours without a row goes: containers, then networks, holds and images. */
async function sweepOrphans(deps: Deps, signal: AbortSignal, each: Each): Promise<void> {
  const { containers, networks, holds, images } = await findOrphans(deps, signal);
  const remove = (drift: Drift, what: string, work: () => Promise<void>) => {
    deps.metrics.driftFound(drift);
    return each(what, work);
  };
  for (const { id, name, deploymentId } of containers) {
    await remove('container', `the container ${name} has no row and could not be removed`, async () => {
      await deps.engine.removeContainer(id, signal);
      deps.log.info({ container: name, deployment: deploymentId }, 'removed a container without a row');
    });
  }
  for (const name of networks) await remove('network', `the network ${name} has no row and could not be removed`, () => deps.engine.removeNetwork(name, signal));
  for (const id of holds) await remove('hold', `the hold of ${id} has no row and could not be removed`, () => deps.edge.removeHold(id));
  for (const name of images) await remove('image', `the image ${name} could not be removed`, async () => void (await deps.engine.removeImage(name, signal)));
}

type Orphans = { containers: ContainerFacts[]; networks: string[]; holds: number[]; images: string[] };

/**
 * What is ours and has no row. What carries another instance's label is never seen here. Things are listed before rows are read: a row is written before
 * its thing, so what has just been made has its row.
 */
export async function findOrphans(deps: Deps, signal: AbortSignal): Promise<Orphans> {
  const things = await deps.engine.things(signal);
  const holds = await deps.edge.holds();
  const images = await ourImages(deps, signal);
  const previews = await deps.store.previews.all();
  const rows = new Set(previews.map((preview) => preview.id));
  // By both: after a lost store another preview may have the number that a network of ours carries, and would never get one of its own name.
  const networks = new Map(previews.map((preview) => [preview.id, networkName(preview.hostLabel)]));

  const unheld: number[] = [];
  for (const { deploymentId } of holds) if ((await deps.store.deployments.byId(deploymentId)) === null) unheld.push(deploymentId);
  const named = await namedImages(deps, previews);
  return {
    containers: things.containers.filter(({ previewId }) => !rows.has(previewId)),
    networks: things.networks.filter(({ name, previewId }) => networks.get(previewId) !== name).map(({ name }) => name),
    holds: unheld,
    images: images.filter((name) => !named.has(name)),
  };
}

async function ourImages(deps: Deps, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  for (const project of await deps.store.projects.all()) {
    const names = await deps.engine.imageNames(imagePrefix(project.id), signal);
    found.push(...names.filter((name) => isOurImage(deps.config.imageKey, name)));
  }
  return found;
}

/** Images without a deployment that names them were left behind when the program ended between a build and its row. */
async function namedImages(deps: Deps, previews: readonly Preview[]): Promise<Set<string>> {
  const named = new Set<string>();
  for (const preview of previews) {
    for (const { image } of await deps.store.deployments.ofPreview(preview.id)) if (image !== null) named.add(image);
  }
  return named;
}
