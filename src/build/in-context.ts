import { setImmediate } from 'node:timers/promises';
import { createIgnore } from './ignore.ts';

/** Of these paths those that the rules of a `.dockerignore` leave. Throws like `createIgnore`, and with the signal's reason. */
export async function inContext(paths: readonly string[], rules: string | null, signal: AbortSignal): Promise<string[]> {
  if (rules === null) return [...paths];
  const ignore = createIgnore(rules);
  const left: string[] = [];
  let rested = 0;
  for (const path of paths) {
    // Hard rules must not hold up all else.
    if (ignore.steps() - rested > stepsBetweenRests) {
      rested = ignore.steps();
      await setImmediate();
      signal.throwIfAborted();
    }
    if (!ignore.ignores(path)) left.push(path);
  }
  return left;
}

const stepsBetweenRests = 1_000_000;
