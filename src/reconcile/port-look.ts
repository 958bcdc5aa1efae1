import type { Logger } from 'pino';
import { otherPort, settledAfterMs, type OtherPort } from '../domain/ports.ts';
import type { Clock } from './ports/clock.ts';
import type { Watched } from './readiness.ts';

/**
 * Looks, with growing pauses, on which port the app listens instead; gives what was seen once it has been the same for long enough, and without that when the
 * time is `over`. A look that fails is logged and finds nothing.
 */
export function createPortLook(deps: { clock: Clock; log: Logger }, version: Watched): (over: boolean, signal: AbortSignal) => Promise<OtherPort | null> {
  const { ports } = version;
  let nextAt = deps.clock.now().getTime() + firstLookMs;
  let pause = firstLookMs;
  let choice: { other: OtherPort; since: number } | null = null;
  return async (over, signal) => {
    const now = deps.clock.now().getTime();
    if (ports === null || (!over && now < nextAt)) return null;
    const seen = await ports.look(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      deps.log.warn({ err: error, preview: version.previewId, deployment: version.deploymentId }, 'the ports of a container could not be looked at');
      return null;
    });
    nextAt = deps.clock.now().getTime() + pause;
    pause = Math.min(2 * pause, longestLookPauseMs);
    // Where nothing can be found out, as on an engine that is far away, each look would take its whole time again.
    if (seen === null) nextAt = Infinity;
    const other = seen === null ? null : otherPort(seen, ports);
    if (other === null) choice = null;
    else choice = { other, since: choice?.other.port === other.port ? choice.since : now };
    if (choice === null) return null;
    return over || now - choice.since >= settledAfterMs(choice.other.sure, version.timeoutMs) ? choice.other : null;
  };
}

const firstLookMs = 250;
const longestLookPauseMs = 2_000;
