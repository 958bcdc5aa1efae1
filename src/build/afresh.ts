import type { Readable } from 'node:stream';
import type { BuildRequest } from '../reconcile/ports/image-builder.ts';
import { attempt, EnoughKnown, type AttemptOptions } from './attempt.ts';
import { createBases, isRefusal, registryOf } from './bases.ts';
import { idOf, keepBase } from './keep-bases.ts';
import type { Progress } from './progress.ts';

export type AfreshOptions = Pick<AttemptOptions, 'docker' | 'registryLimitMs' | 'spoolDir' | 'onLine'> & {
  imageKey: Buffer;
  /** What an attempt reads and tells; each has its own. */
  begin(): { context: Readable; progress: Progress };
};

/**
 * Without cache, on base images fetched anew. When a base cannot be fetched and one of its name is here, the others are fetched by
 * themselves where their registries answer, and it is built again on what is here then; a line says of which bases that is true.
 */
export async function buildAfresh(request: BuildRequest, options: AfreshOptions, signal: AbortSignal): Promise<{ imageId: string; bases: string[] }> {
  const bases = createBases();
  const note = (text: string): void => options.onLine({ at: new Date(), step: null, stream: 'note', text });
  note('Building without cache, with base images fetched anew');
  try {
    const imageId = await attempt(request, { ...options, ...options.begin(), pull: true, bases }, signal);
    return { imageId, bases: bases.names() };
  } catch (error) {
    signal.throwIfAborted();
    const [open] = bases.open();
    const missing = bases.failed() ?? (open === undefined ? null : { base: open, error: '' });
    if (missing === null || (await idOf(options.docker, missing.base, signal)) === null) throw error;
    note(builtOnWhatIsHere(missing));
    return await buildOnWhatIsHere(request, options, { tried: missing.base, named: bases.names() }, note, signal);
  }
}

/** The first attempt may have ended before it had named all its bases; each is fetched by itself once, where it can be. */
async function buildOnWhatIsHere(
  request: BuildRequest,
  options: AfreshOptions,
  { tried: missing, named }: { tried: string; named: readonly string[] },
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<{ imageId: string; bases: string[] }> {
  const tried = new Set([missing]);
  for (let names = named; ; ) {
    for (const base of names.filter((name) => !tried.has(name))) {
      tried.add(base);
      await fetchAlone(options, base, note, signal);
    }
    const bases = createBases();
    const enough = (): boolean => bases.open().length === 0 && bases.names().some((name) => !tried.has(name));
    try {
      return { imageId: await attempt(request, { ...options, ...options.begin(), pull: false, bases, enough }, signal), bases: [] };
    } catch (error) {
      if (!(error instanceof EnoughKnown)) throw error;
      names = bases.names();
    }
  }
}

async function fetchAlone({ docker, imageKey }: AfreshOptions, base: string, note: (text: string) => void, signal: AbortSignal): Promise<void> {
  try {
    await keepBase(docker, imageKey, base, { anew: true }, signal);
  } catch (error) {
    signal.throwIfAborted();
    note(builtOnWhatIsHere({ base, error: error instanceof Error ? error.message : String(error) }));
  }
}

function builtOnWhatIsHere({ base, error }: { base: string; error: string }): string {
  const registry = registryOf(base);
  return isRefusal(error)
    ? `The registry ${registry} has no ${base} for us: built on the base image of that name that is here`
    : `The registry ${registry} did not answer: built on the base image that is here (${base})`;
}
