import type { Deps } from './deps.ts';

/** Whether the engine is there at all: without it everything fails, by nobody's doing. */
export async function engineAnswers({ engine }: Pick<Deps, 'engine'>, stop: AbortSignal): Promise<boolean> {
  try {
    await engine.ping(AbortSignal.any([stop, AbortSignal.timeout(pingLimitMs)]));
    return true;
  } catch {
    return false;
  }
}

const pingLimitMs = 5_000;
