import type { Logger } from 'pino';
import type { Preview } from '../domain/preview.ts';
import { probeAgent } from '../domain/probe.ts';
import { formOf } from '../pages/accept.ts';
import { createBuildLogs } from '../pages/build-log.ts';
import { pageHeaders } from '../pages/page.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Store } from '../reconcile/ports/store.ts';
import { boundedMap } from './bounded-map.ts';
import { aboutOf, createFinder, type Found } from './find.ts';
import { hostLabelOf } from './host-label.ts';
import { htmlOf, jsonOf, textOf } from './render.ts';
import { stateOf, statusOf, type GateState } from './state.ts';
import { statusBody } from './status.ts';
import { viewOf, type ViewFacts } from './view.ts';

export type GateOptions = {
  store: Pick<Store, 'previews' | 'deployments'>;
  /** e.g. `kosuke.ai`. */
  previewDomain: string;
  /** The address of a preview by its host's first label. */
  previewUrl: (hostLabel: string) => string;
  /** Where a preview that runs is reached when its host is not that place, as without Traefik; `null`: there is none. */
  elsewhere?: (preview: Preview) => Promise<string | null>;
  clock: Pick<Clock, 'now'>;
  log: Logger;
};

/**
 * Answers every request for a preview host that no container answers: what state the preview is in, as a page, JSON or plain text.
 * `/_kosuke/status` comes here in every state. When the store cannot be read, the answer says so.
 */
export function createGate(options: GateOptions): (request: Request) => Promise<Response> {
  const { store, clock, log } = options;
  const find = createFinder(store);
  const readLog = createBuildLogs(store.deployments, { logs: 50, head: { lines: 0, bytes: 0 }, tail: { lines: 40, bytes: 64 * 1024 } });
  const kickedAt = boundedMap<number, number>(1000);
  const probed = boundedMap<string | null, { state: GateState; at: number }>(1000);

  async function lookUp(label: string | null): Promise<{ found: Found | null; state: GateState }> {
    try {
      const found = label === null ? null : await find(label);
      return { found, state: stateOf(found) };
    } catch (error) {
      log.error({ err: error, host: label }, 'the gate could not read the state of a preview');
      return { found: null, state: 'error' };
    }
  }

  /** For the program's own probes, which come many times a second: whether it is the gate that answers is all that they ask. */
  async function stateForProbe(label: string | null): Promise<GateState> {
    const now = clock.now().getTime();
    const known = probed.get(label);
    if (known !== undefined && now - known.at < probeMemoryMs) return known.state;
    const { state } = await lookUp(label);
    probed.set(label, { state, at: now });
    return state;
  }

  async function logOf(found: Found | null, state: GateState) {
    const about = found === null ? null : aboutOf(found);
    if (about === null || !withLog.has(state)) return null;
    return readLog(about.id).catch((error: unknown) => {
      log.error({ err: error, deployment: about.id }, 'the gate could not read a log');
      return null;
    });
  }

  /** The edge is a moment behind, or a container is gone that nobody has missed yet: look now, at most once a second. */
  async function kick(previewId: number): Promise<void> {
    const now = clock.now();
    if (now.getTime() - (kickedAt.get(previewId) ?? -Infinity) < 1000) return;
    kickedAt.set(previewId, now.getTime());
    await store.previews.kick(previewId, { look: false }, now).catch((error: unknown) => {
      log.error({ err: error, preview: previewId }, 'the gate could not kick a preview');
    });
  }

  return async (request) => {
    const { host, origin, pathname, search } = new URL(request.url);
    const label = hostLabelOf(host, options.previewDomain);
    if (request.headers.get('user-agent') === probeAgent) {
      const state = await stateForProbe(label);
      return answer(request, state, statusOf(state).status, '', 'text');
    }
    const { found, state } = await lookUp(label);
    const url = label === null ? origin : options.previewUrl(label);
    const status = statusBody(hostNameOf(host), url, state, found);
    const reading = request.method === 'GET' || request.method === 'HEAD';

    if (pathname.startsWith('/_kosuke/')) {
      if (pathname !== '/_kosuke/status') return answer(request, state, 404, 'There is nothing here. Try /_kosuke/status.\n', 'text');
      if (!reading) return answer(request, state, 405, 'Only GET and HEAD.\n', 'text', { Allow: 'GET, HEAD' });
      const known = state !== 'unknown' && state !== 'error';
      return answer(request, state, known ? 200 : statusOf(state).status, JSON.stringify(status), 'json');
    }

    if (state === 'running' && found !== null) {
      const elsewhere = (await options.elsewhere?.(found.preview)) ?? null;
      if (elsewhere !== null) return answer(request, state, 307, `The preview is at ${elsewhere}\n`, 'text', { Location: `${elsewhere}${pathname}${search}` });
      await kick(found.preview.id);
    }
    const { status: code, retryAfter } = statusOf(state);
    const headers = { Vary: 'Accept', ...(retryAfter === null ? {} : { 'Retry-After': String(retryAfter) }) };
    const stable = found === null ? url : options.previewUrl(found.preview.hostLabel);
    const facts: ViewFacts = { state, host: status.host, found, log: await logOf(found, state), url: stable, now: clock.now() };
    const view = viewOf(facts);
    if (!reading) return answer(request, state, code, `${view.title}.\n`, 'text', headers);
    const form = formOf(request.headers.get('accept'));
    if (form === 'html') return answer(request, state, code, await htmlOf(view, facts), form, headers);
    if (form === 'json') return answer(request, state, code, JSON.stringify(jsonOf(view, status)), form, headers);
    return answer(request, state, code, textOf(view, facts), form, headers);
  };
}

const probeMemoryMs = 250;
const withLog: ReadonlySet<GateState> = new Set<GateState>(['building', 'starting', 'failed']);

function hostNameOf(host: string): string {
  return host.replace(/\.?(:\d+)?$/, '');
}

function answer(request: Request, state: GateState, status: number, body: string, form: keyof typeof contentTypes, headers: Record<string, string> = {}): Response {
  return new Response(request.method === 'HEAD' ? null : body, {
    status,
    headers: { ...pageHeaders, 'Content-Type': contentTypes[form], 'X-Kosuke-State': state, ...headers },
  });
}

const contentTypes = { html: 'text/html; charset=utf-8', json: 'application/json; charset=utf-8', text: 'text/plain; charset=utf-8' } as const;
