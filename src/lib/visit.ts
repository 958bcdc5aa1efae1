import http from 'node:http';
import https from 'node:https';

export type Visit = {
  address: { host: string; port: number };
  scheme: 'http' | 'https';
  path: string;
  /** `Host` among them. */
  headers: Record<string, string>;
  /** The name that the certificate is asked for, and whether it is checked; for https. */
  servername?: string;
  checkCertificate?: boolean;
  /** Milliseconds until it is given up; and, where less, until its answer must have begun. */
  limitMs: number;
  beginsWithinMs?: number;
};

export type Answer =
  /** `body`: its first 4 KiB. `broken`: the connection ended before the body did. */
  | { kind: 'answer'; status: number; headers: http.IncomingHttpHeaders; body: string; broken: boolean }
  /** `reached`: something accepted the connection. `silent`: it took the request and said nothing until the time was over. */
  | { kind: 'none'; why: string; reached: boolean; silent: boolean };

/**
 * One GET, as a visitor makes it, on a connection of its own: redirects are not followed, and the body is read to its end, for some apps die
 * when a visitor goes away in the middle of a page. Reading ends at 1 MiB and when the time is over; what was read counts then. Rejects only with the signal's reason.
 */
export async function visit(target: Visit, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(target.limitMs);
  const { limitMs, beginsWithinMs = limitMs } = target;
  const cut = new AbortController();
  let connected = false;
  const unreached = setTimeout(() => cut.abort(), Math.min(limitMs, connectLimitMs));
  const silent = setTimeout(() => cut.abort(), beginsWithinMs);
  try {
    const request = requestTo(target, AbortSignal.any([signal, limit, cut.signal]));
    request.once('socket', (socket) => {
      socket.once(target.scheme === 'https' ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(unreached);
      });
    });
    request.once('response', () => clearTimeout(silent));
    return await answerTo(request, limit, signal);
  } catch (error) {
    signal.throwIfAborted();
    const late = limit.aborted || cut.signal.aborted;
    const ms = connected ? Math.min(limitMs, beginsWithinMs) : Math.min(limitMs, connectLimitMs);
    const why = late ? `no answer within ${ms} ms` : error instanceof Error ? error.message : String(error);
    return { kind: 'none', why, reached: connected, silent: connected && late };
  } finally {
    clearTimeout(unreached);
    clearTimeout(silent);
  }
}

function answerTo(request: http.ClientRequest, limit: AbortSignal, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    // An answer that switches to another protocol has no response; without a listener nobody would hear of it.
    request.once('upgrade', ({ statusCode = 0, headers }, socket) => {
      socket.destroy();
      resolve({ kind: 'answer', status: statusCode, headers, body: '', broken: false });
    });
    const closed = (): void => reject(new Error('the connection ended without an answer'));
    request.once('close', closed);
    request.once('response', (response) => {
      // From now on the response says how it ended.
      request.off('close', closed).off('error', reject).on('error', () => undefined);
      const kept: Buffer[] = [];
      let length = 0;
      const done = (broken: boolean): void => {
        const body = Buffer.concat(kept).toString('utf8', 0, keptBytes);
        resolve({ kind: 'answer', status: response.statusCode ?? 0, headers: response.headers, body, broken });
        response.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        if (length < keptBytes) kept.push(chunk);
        length += chunk.length;
        if (length > readBytes) done(false);
      });
      response.once('end', () => done(!response.complete));
      response.once('error', (error) => (signal.aborted ? reject(error) : done(!limit.aborted)));
    });
    request.end();
  });
}

function requestTo({ address, scheme, path, headers, servername, checkCertificate = true }: Visit, signal: AbortSignal): http.ClientRequest {
  const options = { host: address.host, port: address.port, path, method: 'GET', agent: false, signal, headers: { ...headers, Connection: 'close' } };
  if (scheme === 'http') return http.request(options);
  return https.request({ ...options, servername, rejectUnauthorized: checkCertificate });
}

const connectLimitMs = 5_000;
const readBytes = 1024 * 1024;
const keptBytes = 4 * 1024;
