import { instanceFilter } from '../domain/labels.ts';
import type { Screen } from './screen.ts';
import { demoLabel, type World } from './world.ts';

/** The person ended the demo. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export type Interrupt = {
  /** Aborts with `Interrupted`. */
  signal: AbortSignal;
  /** What stays behind when the second interrupt comes: said then, with how to remove it. */
  leaves(world: World): void;
  /** Signals do again what they do by default. */
  forget(): void;
};

/** Ctrl-C, SIGTERM or a closed terminal: the first one ends the demo in good order, the second at once. */
export function createInterrupt(screen: Screen): Interrupt {
  const controller = new AbortController();
  let left: World | null = null;
  let firstAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      screen.line('\nEnding the demo. Once more ends it at once and leaves things behind.');
      controller.abort(new Interrupted('the demo was interrupted'));
      return;
    }
    // npm passes on what its whole group got anyway: one request that comes twice.
    if (performance.now() - firstAt < echoMs) return;
    if (left !== null) screen.line(`\nLeft behind: ${left.dir}, and on the engine what carries ${instanceFilter(left.instance)} or ${demoLabel}=${left.instance}.`);
    process.exit(130);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    leaves: (world) => {
      left = world;
    },
    forget: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

const echoMs = 500;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
