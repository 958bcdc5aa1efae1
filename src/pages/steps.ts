import type { LogLine } from '../domain/deployment.ts';
import { cutToHead, stripAnsi } from '../domain/inert.ts';

/** A step of a build, as its lines tell it. */
export type BuildStep = {
  /** As BuildKit names it, e.g. `[2/4] RUN npm ci`. Inert. */
  name: string;
  began: Date;
  /** When the last line of it came. */
  last: Date;
  cached: boolean;
  /** What its last line says; null while none says that it is over. */
  ended: 'done' | 'failed' | null;
};

/** The steps of the newest attempt at a build: it has begun when a step is named that was named before. */
export function createSteps(): { take(line: LogLine): void; list(): BuildStep[] } {
  const steps = new Map<string, BuildStep>();
  const named = new Set<string>();
  return {
    take({ step: name, stream, text, at }) {
      if (name === null) return;
      if (stream === 'step' && text === name) {
        if (named.has(name)) [steps, named].forEach((known) => known.clear());
        if (named.size < mostSteps) named.add(name);
      }
      if (!steps.has(name) && steps.size >= mostSteps) return;
      const known = steps.get(name) ?? { name: cutToHead(stripAnsi(name), longestName), began: at, cached: false, ended: null };
      const end = stream === 'step' ? endPattern.exec(text)?.[1] : undefined;
      const ended = end === undefined ? known.ended : end === 'failed' ? 'failed' : 'done';
      steps.set(name, { ...known, last: at, cached: known.cached || end === 'cached', ended });
    },
    list: () => [...steps.values()].slice(-shownSteps),
  };
}

/** `[2/5] done in 1.2 s`, `[2/5] cached`, `[2/5] failed`. */
const endPattern = /^\[[^\]]+\] (cached|failed|done in .*)$/;
const mostSteps = 1000;
const shownSteps = 200;
const longestName = 1000;
