import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from './search.ts';

/** Settings by which a program (and each command that is run with them) writes down every process that it starts. */
export function recordingChildren(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import ${recorder}`, KOSUKE_TEST_CHILDREN: file };
}

const recorder = new URL('record-children.ts', import.meta.url).href;

/** What was written down so far: command lines, first the file that was started. */
export async function recordedChildren(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as string[]);
}

export type Watching = {
  /** The command line of every process that was seen below the program, as the kernel shows it to every user of the machine. */
  seen(): Place[];
  stop(): Promise<void>;
};

/** Looks every 10 ms at what runs below a process, at any depth: what the program's children start themselves is in no record of ours. */
export function watchDescendants(pid: () => number | null): Watching {
  const lines = new Map<string, string>();
  const end = new AbortController();
  const watching = (async () => {
    while (!end.signal.aborted) {
      const root = pid();
      if (root !== null) for (const child of await descendants(root)) await note(lines, child);
      await delay(everyMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  return {
    seen: () => [...lines.values()].map((line) => ({ where: 'a command line that /proc shows', what: line })),
    async stop() {
      end.abort();
      await watching;
    },
  };
}

const everyMs = 10;

/** A process keeps its id while it becomes another program. */
async function note(lines: Map<string, string>, pid: number): Promise<void> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (line !== '') lines.set(`${pid} ${line}`, line.split('\0').join(' ').trim());
}

async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter((part) => part !== '').map(Number);
  const below = await Promise.all(children.map((child) => descendants(child)));
  return [...children, ...below.flat()];
}

