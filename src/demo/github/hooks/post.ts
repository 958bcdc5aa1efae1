import { request } from 'node:http';

const timeLimitMs = 10_000;

/**
 * Posts a body over a connection of its own; resolves to the answer's status once the answer has ended.
 * @throws Error when there is no complete answer within 10 s, no connection, or `signal` aborts.
 */
export function post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(timeLimitMs);
    const fail = (error: Error) => reject(limit.aborted ? new Error('timed out after 10 s') : error);
    const call = request(
      url,
      {
        method: 'POST',
        agent: false,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' },
        signal: AbortSignal.any([signal, limit]),
      },
      (response) => {
        response.on('error', fail);
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      },
    );
    call.on('error', fail);
    call.end(body);
  });
}
