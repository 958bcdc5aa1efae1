import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LogLine } from '../domain/deployment.ts';
import type { Deployments } from './ports/store.ts';

/** Collects log lines and writes them in order, at most 500 at a time: one write is under way, and between two there is room for all else. */
export type LogWriter = {
  add(line: LogLine): void;
  note(text: string): void;
  /** Resolves when all that was added is written. A write that fails is logged, and its lines are lost: a log never fails a build. */
  flush(): Promise<void>;
};

export function createLogWriter(deps: { deployments: Deployments; now: () => Date; log: Logger }, deploymentId: number): LogWriter {
  let waiting: LogLine[] = [];
  let writing: Promise<void> | null = null;

  const drain = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, longestBatch);
      waiting = waiting.slice(longestBatch);
      try {
        await deps.deployments.addLog(deploymentId, batch);
      } catch (error) {
        deps.log.warn({ err: error, deployment: deploymentId, lines: batch.length }, 'log lines could not be stored');
      }
      if (waiting.length > 0) await setImmediate();
    }
    writing = null;
  };
  const add = (line: LogLine) => {
    waiting.push(line);
    writing ??= drain();
  };
  return {
    add,
    note: (text) => add({ at: deps.now(), step: null, stream: 'note', text }),
    flush: async () => {
      await writing;
    },
  };
}

const longestBatch = 500;
