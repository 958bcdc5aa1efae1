import { type Failure, failureOf, KosukeError } from '../domain/errors.ts';
import { tooManyPorts } from '../domain/exposed-ports.ts';
import { mustBeProcessOne } from '../domain/init.ts';
import { reservedBecause, reservedKeys } from '../domain/labels.ts';
import type { Note } from '../domain/notes.ts';
import { expectedPort } from '../domain/ports.ts';
import type { Deps } from './deps.ts';
import { engineAnswers } from './engine-answers.ts';
import { imageGone } from './image-gone.ts';
import { attemptWaitMs } from './limits.ts';
import { knownImage } from './known-image.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import type { CloneAccess } from './ports/code-host.ts';
import { FetchRefused } from './ports/git.ts';
import type { ImageFacts } from './ports/engine.ts';
import type { BuildJob } from './ports/store.ts';
import { sharedImage } from './shared-image.ts';
import { readSource, withSourceNotes } from './source.ts';
import { needsSpace } from './space.ts';

/**
 * Makes the image of one deployment and nothing else, so that a late one harms nothing:
 * fetch the commit → its Dockerfile → the name of what goes into the image → there already, or built → labels and port.
 * The outcome is written on the row while the row is still this build's, and the preview is kicked. Resolves with the names of the base
 * images that were built on. Throws only when the store does; the build's lease then runs out, and it is made again.
 */
export async function build(deps: Deps, job: BuildJob, signal: AbortSignal): Promise<readonly string[]> {
  const { deployment, preview, buildNo } = job;
  const log = deps.log.child({ preview: preview.id, deployment: deployment.id, commit: deployment.sha });
  const lines = createLogWriter({ deployments: deps.store.deployments, now: deps.clock.now, log }, deployment.id);
  log.info('building');
  await deps.store.previews.kick(preview.id, { look: false }, deps.clock.now());
  let bases: readonly string[] = [];
  try {
    refuseDeadly(job);
    const image = await make({ ...deps, log }, job, lines, signal);
    bases = image.bases;
    const how = await howToStart(deps, job, image.facts, lines);
    await deps.store.deployments.updateBuild(deployment.id, buildNo, { state: 'built', image: image.name, ...how, builtAt: deps.clock.now() });
    log.info('built');
    await deps.store.previews.kick(preview.id, { look: false }, deps.clock.now());
    await lines.flush();
  } catch (error) {
    await ended({ ...deps, log }, job, lines, error, signal);
    await deps.store.previews.kick(preview.id, { look: false }, deps.clock.now());
  }
  await unpin({ ...deps, log }, job);
  return bases;
}

/** What the program did not survive twice in a row waits, longer each time: it would end the program again, and with it what others are waiting for. */
function refuseDeadly({ deaths }: BuildJob): void {
  if (deaths < 2) return;
  throw new KosukeError({
    code: 'internal',
    fault: 'us',
    what: 'The build came to no end twice in a row',
    why: 'each time the program ended, or lost its database, meanwhile',
    next: 'It is tried again by itself, less and less often. The operator can look at what the program logged last.',
  });
}

/** `bases`: what the Dockerfile's FROM lines name, when it was built and not only found. */
type Made = Found & { bases: readonly string[] };
type Found = { name: string; facts: ImageFacts };

/** Nothing reads the commit any more. A pin that stays costs a line in a mirror. */
async function unpin(deps: Deps, { deployment, preview }: BuildJob): Promise<void> {
  try {
    await deps.git.unpin(preview.project.id, deployment.id);
  } catch (error) {
    deps.log.warn({ err: error }, 'the pin of a commit could not be taken off');
  }
}

async function make(deps: Deps, job: BuildJob, lines: LogWriter, signal: AbortSignal): Promise<Made> {
  const { deployment, preview, buildNo } = job;
  const { project } = preview;
  const where = `${project.owner}/${project.name} at ${deployment.sha.slice(0, 7)}`;
  const said = deps.clock.now();
  await needsSpace(deps, signal);
  if (buildNo > 1) lines.note(`Attempt ${buildNo}: the build begins anew`);
  lines.note(`Fetching ${where}`);
  const known = await knownOrFetched(deps, job, signal);
  if (known !== null) {
    await tell(deps, job, known.notes, lines);
    return usedAgain(deps, known, lines, signal);
  }
  const fetchedAt = deps.clock.now();
  deps.log.debug('fetched');
  lines.note(`Fetched in ${((fetchedAt.getTime() - said.getTime()) / 1000).toFixed(1)} s`);

  const [source] = await Promise.all([
    readSource(deps, job, where, signal),
    deps.store.deployments.updateBuild(deployment.id, buildNo, { fetchedAt }),
  ]);
  const { tree, dockerfile, args, notes } = source;
  await tell(deps, job, notes, lines);
  source.remarks.forEach(lines.note);
  const { name, facts: present } = await sharedImage(deps, job, { projectId: project.id, treeHash: tree, dockerfile, target: null, args }, lines, signal);
  // What a commit is told of itself goes into its image: the next commit of the same files has another.
  if (Object.keys(args).length === 0) deps.knownImages.set(project.id, tree, { name, notes });
  if (present !== null) return usedAgain(deps, { name, facts: present }, lines, signal);
  const { bases } = await deps.builder.build(
    {
      context: () => deps.git.archive(project.id, deployment.sha, signal),
      dockerfileText: dockerfile,
      ignore: source.ignore,
      args,
      tag: name,
      cacheNamespace: `project-${project.id}`,
      noCache: deployment.noCache,
      timeoutMs: deps.config.buildTimeoutMs,
    },
    lines.add,
    signal,
  );
  const facts = await deps.engine.image(name, signal);
  if (facts === null) throw new KosukeError(imageGone('it was gone right after its build'));
  await refuseUnfit(deps, name, facts, signal);
  return { name, facts, bases };
}

/** Both at once: an image that is known already, for which the fetch is given up, or `null` and the commit is there. */
async function knownOrFetched(deps: Deps, job: BuildJob, signal: AbortSignal): ReturnType<typeof knownImage> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const fetched = fetchCommit(deps, job, either).then(() => null);
  fetched.catch(() => undefined);
  try {
    return (await Promise.race([knownImage(deps, job, either), fetched])) ?? (await fetched);
  } finally {
    over.abort();
  }
}

/** What a person should know of what is built stands in the log, and on the row for the comment, before anything can fail. */
async function tell(deps: Deps, { deployment, buildNo }: BuildJob, notes: readonly Note[], lines: LogWriter): Promise<void> {
  for (const { text } of notes) lines.note(text);
  const all = withSourceNotes(deployment.notes, notes);
  if (notes.length > 0 || all.length < deployment.notes.length) await deps.store.deployments.updateBuild(deployment.id, buildNo, { notes: all });
}

async function usedAgain(deps: Deps, image: Found, lines: LogWriter, signal: AbortSignal): Promise<Made> {
  await refuseUnfit(deps, image.name, image.facts, signal);
  lines.note('The same files were built before: that image is used again');
  return { name: image.name, facts: image.facts, bases: [] };
}

/** A kept token may have been withdrawn, and its address be that of a repository which was renamed meanwhile: then once more with a new one. */
async function fetchCommit(deps: Deps, { deployment, preview: { project } }: BuildJob, signal: AbortSignal): Promise<void> {
  const fetch = ({ url, token }: CloneAccess) => deps.git.fetch({ projectId: project.id, url, token, sha: deployment.sha, deploymentId: deployment.id }, signal);
  deps.ahead.giveWay(project.id, deployment.sha);
  const access = await deps.codeHost.cloneAccess(project, signal);
  try {
    await fetch(access);
  } catch (error) {
    if (!access.kept || !(error instanceof FetchRefused)) throw error;
    await fetch(await deps.codeHost.cloneAccess(project, signal, { fresh: true }));
  }
}

/** Removes the image and throws when no container may be made of it. */
async function refuseUnfit(deps: Deps, name: string, facts: ImageFacts, signal: AbortSignal): Promise<void> {
  const [key] = reservedKeys(facts.labels);
  const reason = key === undefined ? tooManyPorts(facts.exposedCount) : reservedLabel(key.slice(0, 200).toWellFormed());
  if (reason === null) return;
  await deps.engine.removeImage(name, signal);
  throw reason;
}

/** Labels of an image become labels of its containers: one of ours or of Traefik's could take another host over. */
function reservedLabel(key: string): KosukeError {
  return new KosukeError({
    code: 'reserved-labels',
    fault: 'app',
    what: `The image carries the label ${key}`,
    why: `${reservedBecause}, so only this program may set them`,
    next: `Remove ${key} from the Dockerfile (or from the base image) and push.`,
  });
}

/** By the image, and by what was found out about the last version of this preview that was reached. */
async function howToStart(deps: Deps, { deployment, preview }: BuildJob, { exposedPorts, command }: ImageFacts, lines: LogWriter) {
  const before = (await deps.store.deployments.ofPreview(preview.id)).find(({ id, switchedAt }) => id !== deployment.id && switchedAt !== null);
  const port = expectedPort(exposedPorts, before);
  const withInit = !mustBeProcessOne(command) && (before?.withInit ?? true);
  lines.note(`Image ready, the app is expected on port ${port}${withInit ? '' : ', and its program is process 1 in its container'}`);
  return { port, portFound: false, exposedPorts, withInit };
}

async function ended(deps: Deps, job: BuildJob, lines: LogWriter, error: unknown, signal: AbortSignal): Promise<void> {
  const { deployment, buildNo } = job;
  if (signal.aborted) {
    // Overtaken rows are no longer `building` and stay as they are; after a stop of the program the next one builds it.
    lines.note('Stopped: a newer commit came, the pull request was closed, or the program is stopping');
    await lines.flush();
    await deps.store.deployments.updateBuild(deployment.id, buildNo, { state: 'queued', image: null });
    deps.log.info('the build was stopped');
    return;
  }
  const failure = await blamed(deps, failureOf(error, 'building'), signal);
  lines.note(failure.why === '' ? failure.what : `${failure.what}: ${failure.why}`);
  await lines.flush();
  if (failure.fault === 'app') {
    const ours = await deps.store.deployments.updateBuild(deployment.id, buildNo, { state: 'failed', failure, image: null, endedAt: deps.clock.now() });
    if (ours) deps.metrics.deploymentEnded('failed');
    deps.log.info({ failure: failure.code, why: failure.why }, 'the build failed');
    return;
  }
  // What the engine is too old for waits for another engine, not for time.
  const waitMs = failure.engineVersion === undefined ? attemptWaitMs(deployment.attempts) : null;
  const ours = await deps.store.deployments.updateBuild(deployment.id, buildNo, {
    state: 'error',
    failure,
    image: null,
    attempts: deployment.attempts + 1,
    retryAt: waitMs === null ? null : new Date(deps.clock.now().getTime() + waitMs),
  });
  if (ours) deps.metrics.deploymentEnded('error');
  deps.log.warn({ err: error, failure: failure.code, waitMs }, 'an error of ours while building; it is tried again');
}

/**
 * An engine that is being stopped ends the steps of its builds first: a step that ended by a signal, or not by itself, is the repository's doing only while
 * the engine goes on.
 */
async function blamed(deps: Deps, failure: Failure, signal: AbortSignal): Promise<Failure> {
  const exit = /exit code (\d+)/.exec(failure.why)?.[1];
  if (failure.code !== 'build-failed' || (exit !== undefined && Number(exit) < 128)) return failure;
  await deps.clock.sleep(engineGoesWithinMs, signal).catch(() => undefined);
  if (await engineAnswers(deps, signal)) return failure;
  return { code: 'engine', fault: 'us', what: 'The Docker Engine went away during the build', why: failure.why, next: 'It is tried again by itself.' };
}

const engineGoesWithinMs = 1_000;
