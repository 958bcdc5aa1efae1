import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { probeAgent } from '../domain/probe.ts';
import type { EdgeAnswer } from '../reconcile/ports/edge.ts';

export type ProbeTarget = {
  address: { host: string; port: number };
  scheme: 'http' | 'https';
  host: string;
  path: string;
  bypassToken?: string | undefined;
  /** Milliseconds until the probe gives up; 5,000 unless told. */
  limitMs?: number | undefined;
};

/**
 * One GET through Traefik, on a connection of its own that is closed as soon as the headers are there. The certificate is not
 * checked at a loopback address. Rejects only with the reason of the given signal.
 */
export async function probe(target: ProbeTarget, signal: AbortSignal): Promise<EdgeAnswer> {
  signal.throwIfAborted();
  const limitMs = target.limitMs ?? 5000;
  const limit = AbortSignal.timeout(limitMs);
  let connected = false;
  try {
    return await new Promise<EdgeAnswer>((resolve, reject) => {
      const request = requestTo(target, AbortSignal.any([signal, limit]));
      request.once('socket', (socket) => {
        socket.once(target.scheme === 'https' ? 'secureConnect' : 'connect', () => {
          connected = true;
        });
      });
      request.once('response', (response) => {
        resolve(answerOf(response));
        response.destroy();
      });
      request.on('error', reject);
      request.end();
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const why = limit.aborted ? `no answer within ${limitMs} ms` : error instanceof Error ? error.message : String(error);
    return { kind: 'no-edge', why, connected: connected && limit.aborted };
  }
}

function requestTo({ address, scheme, host, path, bypassToken }: ProbeTarget, signal: AbortSignal): http.ClientRequest {
  const options: https.RequestOptions = {
    host: address.host,
    port: address.port,
    path,
    method: 'GET',
    agent: false,
    signal,
    headers: {
      Host: host,
      Accept: 'text/html,*/*',
      'User-Agent': probeAgent,
      Connection: 'close',
      ...(bypassToken === undefined ? {} : { 'X-Kosuke-Bypass': bypassToken }),
    },
  };
  if (scheme === 'http') return http.request(options);
  return https.request({ ...options, servername: host, rejectUnauthorized: !isLoopback(address.host) });
}

function answerOf(response: http.IncomingMessage): EdgeAnswer {
  const state = response.headers['x-kosuke-state'];
  return {
    kind: 'answer',
    status: response.statusCode ?? 0,
    deploymentId: idOf(response.headers['x-kosuke-deployment']),
    holdId: idOf(response.headers['x-kosuke-hold']),
    gateState: typeof state === 'string' ? state : null,
  };
}

function idOf(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : null;
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) === 4) return bare.startsWith('127.');
  return bare === '::1' || bare === 'localhost';
}
