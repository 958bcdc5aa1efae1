import type { LogLine } from '../domain/deployment.ts';
import { createLineSplitter, type LineSplitter } from './lines.ts';
import { createTail } from './tail.ts';
import type { Trace } from './trace.ts';

/** A build as it is told: `take` turns what BuildKit reports into log lines, `failure` says which step broke it. */
export type Progress = {
  take(trace: Trace): LogLine[];
  /** Lines that had no end yet, at the time of the last report. */
  end(): LogLine[];
  /** The step that failed, e.g. `[3/4] RUN npm run build`, with BuildKit's error; `null` when none did. */
  failure(): { step: string; error: string } | null;
  /** The last lines of output. */
  tail(): string[];
};

/**
 * Per step: its name when it starts, its output, then `[2/5] done in 1.2 s` or `[2/5] cached`. BuildKit's own vertices (`[internal] …`, the export)
 * are left out unless they fail. Reports repeat themselves: what was told once is not told again.
 */
export function createProgress(): Progress {
  const steps = new Map<string, Step>();
  const tail = createTail<string>(tailLines);
  let failed: Step | null = null;
  let last = 0;

  const step = (digest: string): Step => {
    let known = steps.get(digest);
    if (known === undefined) {
      known = { name: '', said: 'nothing', error: '', lines: { stdout: createLineSplitter(), stderr: createLineSplitter() } };
      steps.set(digest, known);
    }
    return known;
  };

  const output = (from: Step, stream: Stream, when: number, texts: string[]): Told[] => {
    last = when;
    for (const text of texts) tail.add(text);
    return texts.map((text) => told(when, { step: from.name === '' ? null : from.name, stream, text }));
  };

  const begun = (vertex: Vertex): Told[] => {
    const known = step(vertex.digest);
    if (vertex.name !== '') known.name = shortName(vertex.name);
    if (known.said !== 'nothing' || vertex.started === null || !isStep(known.name)) return [];
    known.said = 'name';
    return [told(vertex.started, { step: known.name, stream: 'step', text: known.name })];
  };

  const written = (log: Trace['logs'][number]): Told[] => {
    const from = step(log.vertex);
    const stream = log.stderr ? 'stderr' : 'stdout';
    return output(from, stream, log.at, from.lines[stream].push(log.bytes));
  };

  const ended = (vertex: Vertex): Told[] => {
    const known = step(vertex.digest);
    if (vertex.error !== '') {
      known.error = vertex.error;
      if (failed === null || isCancelled(failed.error)) failed = known;
    }
    if (vertex.completed === null || known.said !== 'name') return [];
    known.said = 'end';
    const when = vertex.completed;
    const rest = streams.flatMap((stream) => output(known, stream, when, known.lines[stream].end()));
    return [...rest, told(when, { step: known.name, stream: 'step', text: endOf(vertex, known.name) })];
  };

  return {
    // One report may bring the end of a step, the start of the next and what both wrote, in no order.
    take: ({ vertexes, logs }) =>
      [...vertexes.flatMap(begun), ...logs.flatMap(written), ...vertexes.flatMap(ended)]
        .toSorted((a, b) => a.when - b.when)
        .map(({ line }) => line),

    end: () => [...steps.values()].flatMap((one) => streams.flatMap((stream) => output(one, stream, last, one.lines[stream].end()))).map(({ line }) => line),

    failure: () => (failed === null ? null : { step: failed.name, error: failed.error }),
    tail: tail.items,
  };
}

const tailLines = 40;
const streams = ['stdout', 'stderr'] as const;
type Stream = (typeof streams)[number];
type Vertex = Trace['vertexes'][number];
type Told = { when: number; line: LogLine };

function told(when: number, line: Omit<LogLine, 'at'>): Told {
  return { when, line: { at: new Date(when), ...line } };
}

type Step = {
  name: string;
  /** How far it was told. */
  said: 'nothing' | 'name' | 'end';
  error: string;
  lines: { stdout: LineSplitter; stderr: LineSplitter };
};

/** Steps of the Dockerfile are named `[2/5] …`, `[build 2/5] …`; all others are BuildKit's own. */
function isStep(name: string): boolean {
  return /^\[(?:\S+ )?\d+\/\d+\] /.test(name);
}

/** A RUN with a here-document has its whole text in its name. */
function shortName(name: string): string {
  const line = (name.split('\n', 1)[0] ?? '').slice(0, nameLimit);
  return line === name ? name : `${line} …`;
}

const nameLimit = 200;

/** Steps that ran beside the one that failed are reported as cancelled. */
function isCancelled(error: string): boolean {
  return /context canceled|: Canceled/.test(error);
}

/** `[2/5] done in 1.2 s`: steps run side by side, so the end says which. */
function endOf(vertex: Vertex, name: string): string {
  const place = name.slice(0, name.indexOf(']') + 1);
  if (vertex.error !== '') return `${place} failed`;
  if (vertex.cached) return `${place} cached`;
  const seconds = ((vertex.completed ?? 0) - (vertex.started ?? 0)) / 1000;
  return `${place} done in ${Math.max(0, seconds).toFixed(1)} s`;
}
