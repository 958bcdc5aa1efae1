import { KosukeError } from '../domain/errors.ts';
import { tooManyPorts } from '../domain/exposed-ports.ts';
import { labelKeys, reservedBecause, reservedKeys } from '../domain/labels.ts';
import { ImageMissing, type ContainerSpec } from '../reconcile/ports/engine.ts';
import { call, engineError, reasonOf, statusOf } from './call.ts';
import type { Context } from './context.ts';
import { inspectImage } from './images.ts';
import { removeContainer } from './remove.ts';
import { createOptions } from './spec.ts';

/**
 * Creates a container by the allowlist of `spec.ts`. A name that a container of the same preview holds is freed first. Labels are
 * inherited from images, so an image with reserved ones is refused, and what was created is compared again before it can start.
 * Throws `ImageMissing`, `KosukeError` `reserved-labels`, `too-many-ports` or `exited` (fault app: the image has no command), or `engine`.
 */
export async function createContainer(
  context: Context,
  spec: ContainerSpec,
  ipv6Switch: boolean,
  signal: AbortSignal,
): Promise<{ id: string }> {
  const image = await inspectImage(context, spec.image, signal);
  if (image === null) throw new ImageMissing(`image ${spec.image} is not on the engine`);
  const inherited = reservedKeys(image.labels)[0];
  if (inherited !== undefined) throw reservedLabel(inherited, image.labels[inherited] ?? '');
  const crowded = tooManyPorts(image.exposedCount);
  if (crowded !== null) throw crowded;

  const id = await createUnderItsName(context, spec, ipv6Switch, signal);
  try {
    await compareLabels(context, id, spec.labels, signal);
  } catch (error) {
    await undo(context, id, spec.name);
    throw error;
  }
  return { id };
}

async function createUnderItsName(context: Context, spec: ContainerSpec, ipv6Switch: boolean, signal: AbortSignal): Promise<string> {
  try {
    return await createOnce(context, spec, ipv6Switch, signal);
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    await freeName(context, spec, signal);
    return await createOnce(context, spec, ipv6Switch, signal);
  }
}

async function createOnce(context: Context, spec: ContainerSpec, ipv6Switch: boolean, signal: AbortSignal): Promise<string> {
  const doing = `creating container ${spec.name}`;
  try {
    const container = await call(doing, { signal, ms: context.limitMs }, (abortSignal) =>
      context.docker.createContainer({ ...createOptions(spec, ipv6Switch), abortSignal }),
    );
    return container.id;
  } catch (error) {
    const reason = reasonOf(error);
    if (statusOf(error) === 404 && /no such image/i.test(reason)) throw new ImageMissing(reason, { cause: error });
    if (statusOf(error) === 400 && /no command specified/i.test(reason)) throw noCommand(error);
    throw error;
  }
}

/** Removes the container that holds the name, when it belongs to the same preview; one that is not ours stays. */
async function freeName(context: Context, spec: ContainerSpec, signal: AbortSignal): Promise<void> {
  const doing = `looking who holds the name ${spec.name}`;
  let holder;
  try {
    holder = await call(doing, { signal, ms: context.limitMs }, (abortSignal) =>
      context.docker.getContainer(spec.name).inspect({ abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 404) return;
    throw error;
  }
  const labels = holder.Config.Labels ?? {};
  const same = [labelKeys.instance, labelKeys.preview].every((key) => labels[key] !== undefined && labels[key] === spec.labels[key]);
  if (!same) throw engineError(`creating container ${spec.name}`, 'The name is taken by a container that is not of this preview');
  await removeContainer(context, holder.Id, signal);
}

async function compareLabels(context: Context, id: string, asked: Record<string, string>, signal: AbortSignal): Promise<void> {
  const container = await call('reading back a new container', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.getContainer(id).inspect({ abortSignal }),
  );
  const has = container.Config.Labels ?? {};
  for (const key of reservedKeys(has)) {
    if (has[key] !== asked[key]) throw reservedLabel(key, has[key] ?? '');
  }
  for (const key of reservedKeys(asked)) {
    if (has[key] === undefined) throw engineError('reading back a new container', `It lacks the label ${key}`);
  }
}

/** What was created must not stay behind, even when the caller's time is over. */
async function undo(context: Context, id: string, name: string): Promise<void> {
  try {
    await removeContainer(context, id, new AbortController().signal);
  } catch (error) {
    context.log.warn({ container: name, err: error }, 'a container that was refused could not be removed; the sweep will');
  }
}

function reservedLabel(key: string, value: string): KosukeError {
  return new KosukeError({
    code: 'reserved-labels',
    fault: 'app',
    what: `The image carries the reserved label ${shown(key)}=${shown(value)}`,
    why: `${reservedBecause}, so an image must not bring its own`,
    next: 'Remove that LABEL from the Dockerfile, or use a base image without it.',
  });
}

function noCommand(cause: unknown): KosukeError {
  return new KosukeError(
    {
      code: 'exited',
      fault: 'app',
      what: 'The image names no command to run',
      why: 'Its Dockerfile has neither CMD nor ENTRYPOINT, and its base image has none either',
      next: 'Add a CMD that starts the app to the Dockerfile.',
    },
    { cause },
  );
}

function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…`.toWellFormed() : text;
}
