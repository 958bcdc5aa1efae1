import { isIP } from 'node:net';
import { probeAgent, wantsTls } from '../domain/probe.ts';
import { visit } from '../lib/visit.ts';
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
 * One GET through Traefik, like a visitor's (`lib/visit.ts`). The certificate is not checked at a loopback address. Rejects only with the
 * reason of the given signal.
 */
export async function probe({ address, scheme, host, path, bypassToken, limitMs = 5_000 }: ProbeTarget, signal: AbortSignal): Promise<EdgeAnswer> {
  const headers = {
    Host: host,
    Accept: 'text/html,*/*',
    'User-Agent': probeAgent,
    ...(bypassToken === undefined ? {} : { 'X-Kosuke-Bypass': bypassToken }),
  };
  const answer = await visit({ address, scheme, path, headers, servername: host, checkCertificate: !isLoopback(address.host), limitMs }, signal);
  if (answer.kind === 'none') return { kind: 'no-edge', why: answer.why, connected: answer.silent };
  const state = answer.headers['x-kosuke-state'];
  return {
    kind: 'answer',
    status: answer.status,
    deploymentId: idOf(answer.headers['x-kosuke-deployment']),
    holdId: idOf(answer.headers['x-kosuke-hold']),
    gateState: typeof state === 'string' ? state : null,
    broken: answer.broken,
    wantsTls: wantsTls(answer.status, answer.body),
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
