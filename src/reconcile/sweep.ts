import { failureOf } from '../domain/errors.ts';
import { imagePrefix, isOurImage } from '../domain/image-name.ts';
import type { Preview } from '../domain/preview.ts';
import type { Deps } from './deps.ts';
import { ensurePreview, ensureSighted, isAllowed, refOf } from './sight.ts';
import type { RepositoryFacts } from './ports/code-host.ts';

export type Swept = { looked: number; problems: string[] };

/**
 * The guarantee behind the webhooks: every open pull request and every moved head has a row, every row looks at GitHub again, and what
 * is ours on the engine or at the edge without a row goes. It only kicks: passes do the rest. One bad item stops nothing.
 */
export async function sweep(deps: Deps, signal: AbortSignal): Promise<Swept> {
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

  await each('the installations could not be read', async () => {
    for (const installation of await deps.codeHost.installations(signal)) {
      if (installation.suspended) continue;
      await each(`the installation on ${installation.account} could not be swept`, () => sweepInstallation(deps, installation.id, signal, each));
    }
  });
  await each('the previews could not be kicked', () => deps.store.previews.kickAll({ look: true }, deps.clock.now()));
  await each('what is ours could not be listed', () => sweepOrphans(deps, signal, each));
  const looked = (await deps.store.previews.all()).length;
  deps.log.info({ looked, problems: problems.length }, 'swept');
  return { looked, problems };
}

type Each = (what: string, work: () => Promise<void>) => Promise<void>;

/** Rows for what an installation shows. Without `each` the first problem is thrown. */
export async function sweepInstallation(deps: Deps, installationId: number, signal: AbortSignal, each: Each = (_, work) => work()): Promise<void> {
  for (const repository of await deps.codeHost.repositories(installationId, signal)) {
    if (!isAllowed(deps, repository.owner)) continue;
    await each(`${repository.owner}/${repository.name} could not be swept`, () => sweepRepository(deps, repository, signal));
  }
}

async function sweepRepository(deps: Deps, repository: RepositoryFacts, signal: AbortSignal): Promise<void> {
  const known = await deps.store.projects.byRepositoryId(repository.repositoryId);
  const project = await ensureSighted(deps, repository, null, signal);
  if (!known?.sighted) return;
  const [heads, pulls] = await Promise.all([deps.codeHost.heads(project, signal), deps.codeHost.openPulls(project, signal)]);
  for (const pull of pulls) await ensureAndKick(deps, project.id, refOf(pull));
  for (const head of heads) {
    if ((await deps.store.projects.firstHead(project.id, head.branch)) !== head.sha) await ensureAndKick(deps, project.id, { kind: 'branch', name: head.branch });
  }
}

async function ensureAndKick(deps: Deps, projectId: number, ref: Preview['ref']): Promise<void> {
  const preview = await ensurePreview(deps, projectId, ref);
  await deps.store.previews.kick(preview.id, { look: true }, deps.clock.now());
}

/** Ours without a row goes: containers, then networks, holds and images. What carries another instance's label is never seen here. */
async function sweepOrphans(deps: Deps, signal: AbortSignal, each: Each): Promise<void> {
  const rows = new Set((await deps.store.previews.all()).map((preview) => preview.id));
  const things = await deps.engine.things(signal);
  for (const container of things.containers) {
    if (rows.has(container.previewId)) continue;
    await each(`the container ${container.name} has no row and could not be removed`, async () => {
      await deps.engine.removeContainer(container.id, signal);
      deps.log.info({ container: container.name, deployment: container.deploymentId }, 'removed a container without a row');
    });
  }
  for (const network of things.networks) {
    if (rows.has(network.previewId)) continue;
    await each(`the network ${network.name} has no row and could not be removed`, () => deps.engine.removeNetwork(network.name, signal));
  }
  for (const hold of await deps.edge.holds()) {
    if ((await deps.store.deployments.byId(hold.deploymentId)) === null) await deps.edge.removeHold(hold.deploymentId);
  }
  await sweepImages(deps, signal, each);
}

/** Images of ours that no deployment names any more: left behind when the program ended between a build and its row. */
async function sweepImages(deps: Deps, signal: AbortSignal, each: Each): Promise<void> {
  const named = new Set<string>();
  for (const preview of await deps.store.previews.all()) {
    for (const deployment of await deps.store.deployments.ofPreview(preview.id)) {
      if (deployment.image !== null) named.add(deployment.image);
    }
  }
  for (const project of await deps.store.projects.all()) {
    for (const name of await deps.engine.imageNames(imagePrefix(project.id), signal)) {
      if (named.has(name) || !isOurImage(deps.config.imageKey, name)) continue;
      await each(`the image ${name} could not be removed`, async () => void (await deps.engine.removeImage(name, signal)));
    }
  }
}
