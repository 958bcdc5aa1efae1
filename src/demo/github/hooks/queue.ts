import { createHmac, randomUUID } from 'node:crypto';
import type { Contract } from '../contract/contract.ts';
import { bounded } from '../bounded.ts';
import type { DeliverySnapshot, Intercept, JsonObject, Verdict } from '../types.ts';
import { post } from './post.ts';

export type Event = { event: string; installationId: number | null; repositoryId: number | null; payload: JsonObject };

export type HookQueue = {
  /** Puts it at the end; returns at once. */
  send: (event: Event) => void;
  /** Sends a kept delivery's payload again under the same GUID, at once. */
  redeliver: (delivery: DeliverySnapshot) => Promise<DeliverySnapshot>;
  deliveries: () => DeliverySnapshot[];
  /** Resolves when nothing waits or is under way. */
  drained: () => Promise<void>;
  setUrl: (url: string) => void;
  url: () => string;
  /** Drops what waits and cuts what is under way. */
  close: () => Promise<void>;
};

export type HookQueueOptions = {
  url: string;
  secret: string;
  hookId: number;
  appId: number;
  nextId: () => number;
  now: () => Date;
  log: (line: JsonObject) => void;
  intercept: Intercept;
  contract: Contract;
};

/** Sends signed webhooks one after another, each with GitHub's 10 s limit and none of them twice by itself. */
export function hookQueue(options: HookQueueOptions): HookQueue {
  const kept = bounded<DeliverySnapshot>(10_000);
  const closing = new AbortController();
  let url = options.url;
  let tail: Promise<unknown> = Promise.resolve();

  const attempt = async (event: Event, guid: string, redelivery: boolean): Promise<DeliverySnapshot> => {
    const body = JSON.stringify(event.payload);
    const headers = hookHeaders(options, event.event, guid, body);
    options.contract.webhook({ headers, body });
    const at = options.now();
    const started = performance.now();
    const verdict = await options.intercept({ kind: 'webhook', method: 'POST', path: event.event, installationId: event.installationId });
    const answer = await answerTo(verdict, url, headers, body, closing.signal);
    const action = typeof event.payload['action'] === 'string' ? event.payload['action'] : null;
    const delivery: DeliverySnapshot = {
      id: options.nextId(),
      guid,
      event: event.event,
      action,
      installationId: event.installationId,
      repositoryId: event.repositoryId,
      redelivery,
      at,
      durationMs: Math.round(performance.now() - started),
      headers,
      payload: event.payload,
      ...answer,
    };
    kept.add(delivery);
    options.log({ kind: 'webhook', event: event.event, action, guid, status: delivery.status, error: delivery.error, redelivery });
    return delivery;
  };

  return {
    send: (event) => {
      tail = tail.then(() => (closing.signal.aborted ? undefined : attempt(event, randomUUID(), false)));
    },
    redeliver: (delivery) => attempt(delivery, delivery.guid, true),
    deliveries: () => kept.list(),
    drained: async () => {
      for (let seen; seen !== tail; ) {
        seen = tail;
        await seen;
      }
    },
    setUrl: (next) => {
      url = next;
    },
    url: () => url,
    close: async () => {
      closing.abort();
      await tail;
    },
  };
}

type Answer = { status: number; error: string | null };

async function answerTo(
  verdict: Verdict,
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  if (verdict === 'drop') return { status: 0, error: 'dropped by the interceptor' };
  if (verdict?.delayMs !== undefined) await pause(verdict.delayMs, signal);
  if (verdict?.status !== undefined) return { status: verdict.status, error: null };
  try {
    return { status: await post(url, headers, body, signal), error: null };
  } catch (error) {
    return { status: 0, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Ends early, without a complaint, when GitHub is closed. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

function hookHeaders(options: HookQueueOptions, event: string, guid: string, body: string): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    Accept: '*/*',
    'User-Agent': 'GitHub-Hookshot/1a2b3c4',
    'X-GitHub-Delivery': guid,
    'X-GitHub-Event': event,
    'X-GitHub-Hook-ID': String(options.hookId),
    'X-GitHub-Hook-Installation-Target-ID': String(options.appId),
    'X-GitHub-Hook-Installation-Target-Type': 'integration',
    'X-Hub-Signature-256': `sha256=${createHmac('sha256', options.secret).update(body).digest('hex')}`,
  };
}
