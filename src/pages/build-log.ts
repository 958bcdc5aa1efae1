import { setImmediate as turn } from 'node:timers/promises';
import type { LogLine } from '../domain/deployment.ts';
import { stripAnsi } from '../domain/inert.ts';
import type { Deployments } from '../reconcile/ports/store.ts';

export type BuildStep = {
  /** As BuildKit names it, e.g. `[2/4] RUN npm ci`. */
  name: string;
  began: Date;
  /** When the last line of it came. */
  last: Date;
  cached: boolean;
};

/** What a page needs of a log, however long it is. Texts are inert. */
export type BuildLog = {
  steps: readonly BuildStep[];
  /** The newest lines. */
  lines: readonly LogLine[];
  /** How many lines were read. */
  count: number;
  /** Whether the log goes on after them: it is longer than any page reads. */
  cut: boolean;
};

export type BuildLogLimits = {
  /** How many logs are remembered. */
  logs: number;
  /** How many of the newest lines of each. */
  lines: number;
  /** How much of a log is read at all. */
  most?: { lines: number; characters: number };
};

/**
 * Reads logs of deployments, each line once: many people look at one page again and again while its log grows. What was read is
 * remembered for the `logs` most recently read deployments, `lines` newest lines of each. Others get their turn between pieces of a log.
 */
export function createBuildLogs(deployments: Pick<Deployments, 'log'>, { logs, lines, most = mostRead }: BuildLogLimits) {
  const known = new Map<number, { read: Reading; done: Promise<unknown> }>();
  return async (deploymentId: number): Promise<BuildLog> => {
    const entry = known.get(deploymentId) ?? { read: { steps: new Map(), lines: [], count: 0, characters: 0, cut: false }, done: Promise.resolve() };
    known.delete(deploymentId);
    known.set(deploymentId, entry);
    for (const id of known.keys()) if (known.size > logs) known.delete(id);
    const mine = entry.done.then(() => readOn(deployments, deploymentId, entry.read, { keep: lines, most }));
    entry.done = mine.catch(() => undefined);
    await mine;
    return { steps: [...entry.read.steps.values()].slice(-shownSteps), lines: [...entry.read.lines], count: entry.read.count, cut: entry.read.cut };
  };
}

type Reading = { steps: Map<string, BuildStep>; lines: LogLine[]; count: number; characters: number; cut: boolean };

/** A build's log is kept shorter than this; several attempts may stand in one log. */
const mostRead = { lines: 50_000, characters: 16 * 1024 * 1024 };
const chunk = 200;
const shownSteps = 200;
const keptSteps = 1000;
const shownCharacters = 1000;

type ReadLimits = { keep: number; most: { lines: number; characters: number } };

async function readOn(deployments: Pick<Deployments, 'log'>, deploymentId: number, read: Reading, { keep, most }: ReadLimits): Promise<void> {
  while (!read.cut) {
    const fresh = await deployments.log(deploymentId, read.count, chunk);
    for (const line of fresh) {
      read.cut = read.count >= most.lines || read.characters + line.text.length > most.characters;
      if (read.cut) break;
      read.characters += line.text.length;
      take(read, { ...line, step: line.step === null ? null : shown(line.step), text: shown(line.text) });
    }
    if (read.lines.length > keep) read.lines.splice(0, read.lines.length - keep);
    if (fresh.length < chunk) return;
    await turn();
  }
}

/** Pages cut long lines, so that what is remembered stays small. */
function shown(text: string): string {
  const plain = stripAnsi(text);
  return plain.length > shownCharacters ? `${plain.slice(0, shownCharacters)}…`.toWellFormed() : plain;
}

function take(read: Reading, line: LogLine): void {
  read.count += 1;
  read.lines.push(line);
  if (line.step === null) return;
  const step = read.steps.get(line.step);
  const cached = line.stream === 'step' && /^\[[^\]]+\] cached$/.test(line.text);
  if (step !== undefined) read.steps.set(line.step, { ...step, last: line.at, cached: step.cached || cached });
  else if (read.steps.size < keptSteps) read.steps.set(line.step, { name: line.step, began: line.at, last: line.at, cached });
}
