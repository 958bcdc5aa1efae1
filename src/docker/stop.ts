import { call, statusOf } from './call.ts';
import type { Context } from './context.ts';

/** Stops a container: its stop signal (TERM unless the image says otherwise), then KILL after `graceSeconds`; stopped or gone is fine. */
export async function stopContainer(context: Context, id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
  try {
    await call('stopping a container', { signal, ms: context.limitMs + graceSeconds * 1000 }, (abortSignal) =>
      context.docker.getContainer(id).stop({ t: graceSeconds, abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) !== 304 && statusOf(error) !== 404) throw error;
  }
}
