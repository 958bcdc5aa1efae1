import type { PortAnswer } from '../domain/ports.ts';
import { probeAgent, wantsTls } from '../domain/probe.ts';
import { visit } from '../lib/visit.ts';
import { call } from './call.ts';
import type { Context } from './context.ts';

/**
 * What comes of a plain GET of `/` at a port of a running container, past Traefik, at its address in its network. `refused` also where the container has no
 * address, or this machine no way to it.
 */
export async function askPort(context: Context, id: string, port: number, host: string, signal: AbortSignal): Promise<PortAnswer> {
  const { NetworkSettings: settings } = await call('reading a container', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.getContainer(id).inspect({ abortSignal }),
  );
  const address = Object.values(settings.Networks).find(({ IPAddress: ip }) => ip !== '')?.IPAddress;
  if (address === undefined) return { kind: 'refused' };
  const headers = { Host: host, Accept: 'text/html,*/*', 'User-Agent': probeAgent };
  const answer = await visit({ address: { host: address, port }, scheme: 'http', path: '/', headers, limitMs: wholeLimitMs, beginsWithinMs: askLimitMs }, signal);
  // To a plain GET nothing of HTTP answers by going over to another protocol.
  if (answer.kind === 'answer' && answer.status < 200) return { kind: 'other' };
  if (answer.kind === 'answer') return wantsTls(answer.status, answer.body) ? { kind: 'tls' } : { kind: 'http', status: answer.status };
  if (answer.silent) return { kind: 'silent' };
  return { kind: answer.reached ? 'other' : 'refused' };
}

const askLimitMs = 3_000;
/** What has begun is read to its end. */
const wholeLimitMs = 30_000;
