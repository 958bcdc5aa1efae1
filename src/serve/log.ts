import pino, { type DestinationStream, type Logger } from 'pino';
import { hideCredentials } from '../domain/credentials.ts';
import { plainJson } from '../domain/inert.ts';
import type { Settings } from '../settings.ts';

/**
 * Structured lines on stderr, so that the output of a command stays its own. Whatever an error from outside brings along, no line carries a
 * credential or can steer the terminal that shows it.
 */
export function createLog({ logLevel }: Pick<Settings, 'logLevel'>, to: DestinationStream = pino.destination({ dest: 2, sync: true })): Logger {
  const hooks = { streamWrite: (line: string) => plainJson(hideCredentials(line)) };
  return pino({ level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks }, to);
}
