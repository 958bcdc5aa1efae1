import { afreshNames, imageName, imageStem, type ImageInputs } from '../domain/image-name.ts';
import type { Deps } from './deps.ts';
import type { LogWriter } from './log-writer.ts';
import type { ImageFacts } from './ports/engine.ts';
import type { BuildJob } from './ports/store.ts';

/**
 * The image that a deployment gets, named on its row; `facts` are `null` when it is to be built. The same inputs are one image:
 *
 * | asked for  | looked for, in this order                                          | else built as          |
 * |------------|--------------------------------------------------------------------|------------------------|
 * | a push     | what `redeploy` made of these inputs, newest first; the ordinary one | the ordinary one       |
 * | `redeploy` | nothing                                                            | one of its own         |
 *
 * One that another deployment is building is waited for: it is there afterwards, or its build failed or was stopped and it is built here.
 */
export async function sharedImage(
  deps: Deps,
  job: BuildJob,
  inputs: Omit<ImageInputs, 'afreshFor'>,
  lines: LogWriter,
  signal: AbortSignal,
): Promise<{ name: string; facts: ImageFacts | null }> {
  const { deployment } = job;
  const ordinary = imageName(deps.config.imageKey, { ...inputs, afreshFor: null });
  if (deployment.noCache) {
    const own = imageName(deps.config.imageKey, { ...inputs, afreshFor: deployment.id });
    await taken(deps, job, own, lines, signal);
    return { name: own, facts: null };
  }
  for (const name of [...afreshNames(await deps.store.deployments.imagesNamed(imageStem(inputs))), ordinary]) {
    await taken(deps, job, name, lines, signal);
    const facts = await deps.engine.image(name, signal);
    if (facts !== null) return { name, facts };
  }
  return { name: ordinary, facts: null };
}

/** Resolves once nobody else builds it. Whoever waits keeps its place among the builds: it would else build the same. */
async function taken(deps: Deps, { deployment, buildNo }: BuildJob, name: string, lines: LogWriter, signal: AbortSignal): Promise<void> {
  for (let waited = false; !(await deps.store.deployments.takeImage(deployment.id, buildNo, name, deps.clock.now())); waited = true) {
    if (!waited) lines.note('The same files are being built for another deployment: this one waits for that image');
    await deps.clock.sleep(lookEveryMs, signal);
  }
}

const lookEveryMs = 100;
