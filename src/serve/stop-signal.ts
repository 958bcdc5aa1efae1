import type { Logger } from 'pino';

/**
 * A signal that ends with the first SIGTERM or SIGINT. A second one, or 9 s in which stopping did not come to its end, ends the process
 * at once: all work is safe to be cut off anywhere.
 */
export function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'stopping');
    stop.abort();
    setTimeout(() => {
      log.warn('stopping took too long; what was in hand is taken up again at the next start');
      process.exit(0);
    }, limitMs).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

const limitMs = 9_000;
