import type { Logger } from 'pino';
import type { LogLine } from '../domain/deployment.ts';
import type { Deployments } from './ports/store.ts';

/** Collects log lines and writes them in order, a batch at a time: at most one write is under way. */
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
      const batch = waiting;
      waiting = [];
      try {
        await deps.deployments.addLog(deploymentId, batch);
      } catch (error) {
        deps.log.warn({ err: error, deployment: deploymentId, lines: batch.length }, 'log lines could not be stored');
      }
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
