import type { LogLine } from '../domain/deployment.ts';
import { createLogLimit, type LogLimit } from './log-limit.ts';
import { createLineSplitter, type LineSplitter } from './lines.ts';
import { createTail } from './tail.ts';
import type { Trace } from './trace.ts';

/** A build as it is told: `take` turns what BuildKit reports into log lines, `failure` says which step broke it. */
export type Progress = {
  take(trace: Trace): LogLine[];
  /** Lines that had no end yet, at the time of the last report, and those that a long log held back. */
  end(): LogLine[];
  /** The step that failed, e.g. `[3/4] RUN npm run build`, its whole name as BuildKit gives it, and BuildKit's error; `null` when none did. */
  failure(): { step: string; vertex: string; error: string } | null;
  /** The last lines of output. */
  tail(): string[];
};

/**
 * Per step: its name when it starts, its output, then `[2/5] done in 1.2 s` or `[2/5] cached`. BuildKit's own vertices (`[internal] …`, the export)
 * are left out unless they fail. Reports repeat themselves: what was told once is not told again. All lines go through `limit`.
 */
export function createProgress(limit: LogLimit = createLogLimit()): Progress {
  const steps = new Map<string, Step>();
  const tail = createTail<string>(tailLines);
  let failed: Step | null = null;
  let last = 0;

  const step = (digest: string): Step => {
    let known = steps.get(digest);
    if (known === undefined) {
      known = { name: '', vertex: '', said: 'nothing', error: '', open: {} };
      steps.set(digest, known);
    }
    return known;
  };

  const told = (when: number, from: Step, stream: LogLine['stream'], texts: readonly string[]): LogLine[] => {
    last = when;
    return limit.take(texts, (text) => lineOf(when, from, stream, text));
  };

  const marked = (when: number, from: Step, text: string): LogLine[] => {
    last = when;
    return limit.mark(lineOf(when, from, 'step', text));
  };

  const output = (when: number, from: Step, stream: Stream, texts: readonly string[]): LogLine[] => {
    for (const text of texts.slice(-tailLines)) tail.add(text);
    return told(when, from, stream, texts);
  };

  /** Names and errors first: a report may bring the output of a step before the step. */
  const learn = (vertex: Vertex): void => {
    const known = step(vertex.digest);
    if (vertex.name !== '') known.name = shortName(vertex.name);
    if (vertex.error === '') return;
    known.vertex = vertex.name === '' ? known.name : vertex.name;
    known.error = vertex.error;
    if (failed === null || isCancelled(failed.error)) failed = known;
  };

  const begun = (known: Step, when: number): LogLine[] => {
    if (known.said !== 'nothing' || !isStep(known.name)) return [];
    known.said = 'name';
    return marked(when, known, known.name);
  };

  const written = ({ vertex, stderr, at, bytes }: Trace['logs'][number]): LogLine[] => {
    const from = step(vertex);
    const stream = stderr ? 'stderr' : 'stdout';
    from.open[stream] ??= createLineSplitter();
    return output(at, from, stream, from.open[stream].push(bytes));
  };

  const rest = (from: Step, when: number): LogLine[] => {
    const { open } = from;
    from.open = {};
    return streams.flatMap((stream) => output(when, from, stream, open[stream]?.end() ?? []));
  };

  const ended = (known: Step, vertex: Vertex, when: number): LogLine[] => {
    if (known.said !== 'name') return [];
    known.said = 'end';
    return [...rest(known, when), ...marked(when, known, endOf(vertex, known.name))];
  };

  return {
    // One report may bring the end of a step, the start of the next and what both wrote, in no order.
    take({ vertexes, logs }) {
      vertexes.forEach(learn);
      const events: { when: number; tell: () => LogLine[] }[] = [
        ...vertexes.flatMap(({ digest, started }) => (started === null ? [] : [{ when: started, tell: () => begun(step(digest), started) }])),
        ...logs.map((log) => ({ when: log.at, tell: () => written(log) })),
        ...vertexes.flatMap((vertex) => {
          const { completed: when } = vertex;
          return when === null ? [] : [{ when, tell: () => ended(step(vertex.digest), vertex, when) }];
        }),
      ];
      return events.toSorted((a, b) => a.when - b.when).flatMap(({ tell }) => tell());
    },

    end: () => [...[...steps.values()].flatMap((one) => rest(one, last)), ...limit.end(last)],

    failure: () => (failed === null ? null : { step: failed.name, vertex: failed.vertex, error: failed.error }),
    tail: tail.items,
  };
}

const tailLines = 40;
const streams = ['stdout', 'stderr'] as const;
type Stream = (typeof streams)[number];
type Vertex = Trace['vertexes'][number];
type Step = {
  name: string;
  /** The whole name, once it failed. */
  vertex: string;
  /** How far it was told. */
  said: 'nothing' | 'name' | 'end';
  error: string;
  /** Of the streams that wrote since it began. */
  open: { [stream in Stream]?: LineSplitter };
};

function lineOf(when: number, { name }: Step, stream: LogLine['stream'], text: string): LogLine {
  return { at: new Date(when), step: name === '' ? null : name, stream, text };
}

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
