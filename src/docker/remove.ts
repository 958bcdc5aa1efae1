import { setTimeout as delay } from 'node:timers/promises';
import { call, statusOf } from './call.ts';
import type { Context } from './context.ts';

/** Kills and removes a container with its anonymous volumes; resolves when it is gone. One that is gone already is fine. */
export async function removeContainer(context: Context, id: string, signal: AbortSignal): Promise<void> {
  await call('removing a container', { signal, ms: context.limitMs }, async (abortSignal) => {
    for (;;) {
      try {
        await context.docker.getContainer(id).remove({ force: true, v: true, abortSignal });
        return;
      } catch (error) {
        if (statusOf(error) === 404) return;
        // 409: somebody else removes it at this moment.
        if (statusOf(error) !== 409) throw error;
        await delay(100, undefined, { signal: abortSignal });
      }
    }
  });
}
