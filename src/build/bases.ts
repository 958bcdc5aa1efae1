import { familiarName } from '../domain/image-name.ts';
import type { Trace } from './trace.ts';

/** What BuildKit tells of the base images of one build: those of FROM, of `COPY --from` and of mounts. */
export type Bases = {
  take(trace: Trace): void;
  /** All that it named, in order. */
  names(): string[];
  /** Those that it asks for and has no answer about yet. */
  open(): string[];
  /** The one that the build ended for, with BuildKit's words; `null` when it ended for something else. */
  failed(): { base: string; error: string } | null;
};

export function createBases(): Bases {
  const known = new Map<string, { open: boolean; error: string }>();
  return {
    take({ vertexes }) {
      for (const { name, completed, error } of vertexes) {
        const base = baseIn(name);
        if (base === null) continue;
        const before = known.get(base);
        known.set(base, {
          open: name.startsWith(asking) ? completed === null && error === '' : (before?.open ?? false),
          error: error === '' || isCancelled(error) ? (before?.error ?? '') : error,
        });
      }
    },
    names: () => [...known.keys()],
    open: () => [...known].flatMap(([base, { open }]) => (open ? [base] : [])),
    failed() {
      const found = [...known].find(([, { error }]) => error !== '');
      return found === undefined ? null : { base: found[0], error: found[1].error };
    },
  };
}

/** The registry that an image's name leads to. */
export function registryOf(base: string): string {
  const [first = '', ...rest] = base.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

/** Whether a registry answered, and the answer was that there is no such image, or not for us. */
export function isRefusal(error: string): boolean {
  return /not found|manifest unknown|denied|unauthorized|authorization failed|forbidden|\b40[134]\b/i.test(error) && !/no such host/.test(error);
}

const asking = '[internal] load metadata for ';

/** Its name without the digest that BuildKit adds to a tag. One that the Dockerfile names by digest keeps its own. */
function baseIn(vertex: string): string | null {
  const asked = vertex.startsWith(asking) ? vertex.slice(asking.length) : undefined;
  const fetched = /^(?:\[(?:\S+ )?\d+\/\d+\] )?FROM (\S+)$/.exec(vertex)?.[1]?.replace(/(:[\w.-]+)@sha256:[0-9a-f]{64}$/, '$1');
  const found = asked ?? fetched;
  return found === undefined ? null : familiarName(found);
}

/** One that was given up because of another. */
function isCancelled(error: string): boolean {
  return /context canceled|: Canceled/.test(error);
}
