import type { GithubResult } from '../reconcile/ports/metrics.ts';

/** Why GitHub gave no answer, or none that can be read. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly kind: 'timeout' | 'connection' | 'unreadable';

  constructor(kind: NoAnswer['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}

/**
 * `fetch` for octokit, with what octokit leaves out: a time limit for the whole answer, its body included; a body that was cut
 * off or is no JSON fails (octokit would take it for an empty list); and a redirect, which GitHub gives for a renamed repository,
 * is repeated as it was (the standard would make a POST a GET), on the same host only, so that no token leaves it.
 *
 * Rejects with `NoAnswer`, or with the reason of the caller's own signal. `asked` hears what came of each request, the one for a token too.
 */
export function createFetch({ timeoutMs, asked = () => undefined }: { timeoutMs: number; asked?: (result: GithubResult) => void }): typeof fetch {
  return async (input, init = {}) => {
    try {
      const response = await fetchWhole(input, init, timeoutMs);
      asked(resultOf(response));
      return response;
    } catch (error) {
      asked(error instanceof NoAnswer ? error.kind : 'aborted');
      throw error;
    }
  };
}

async function fetchWhole(input: Parameters<typeof fetch>[0], init: RequestInit, timeoutMs: number): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  try {
    return await whole(await follow(String(input), { ...init, signal }));
  } catch (error) {
    if (init.signal?.aborted) throw init.signal.reason;
    if (limit.aborted) throw new NoAnswer('timeout', `no answer within ${timeoutMs / 1000} s`, { cause: error });
    if (error instanceof NoAnswer) throw error;
    throw new NoAnswer('connection', connectionTrouble(error), { cause: error });
  }
}

function resultOf({ status, headers }: Response): GithubResult {
  if (status === 429 || (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0'))) return 'limited';
  if (status === 304) return 'unchanged';
  if (status < 300) return '2xx';
  return status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';
}

async function follow(url: string, init: RequestInit): Promise<Response> {
  let at = new URL(url);
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const response = await fetch(at, { ...init, redirect: 'manual' });
    const location = response.headers.get('location');
    if (![301, 302, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.origin !== at.origin) throw new NoAnswer('unreadable', `it redirects to another host, ${next.host}`);
    at = next;
  }
  throw new NoAnswer('unreadable', `it redirects more than ${maxRedirects} times`);
}

/** The answer with its body read to the end. A failure may be a page of some proxy; what it means is decided by who reads it. */
async function whole(response: Response): Promise<Response> {
  const text = await response.text();
  if (response.ok && response.status !== 204 && !isJson(text)) {
    throw new NoAnswer('unreadable', `status ${response.status} with a body that is not JSON`);
  }
  const empty = [204, 205, 304].includes(response.status);
  return new Response(empty ? null : text, { status: response.status, statusText: response.statusText, headers: headersOf(response) });
}

/** The body is decoded by now. */
function headersOf(response: Response): Headers {
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return headers;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The standard's message is "fetch failed"; what happened is in its causes. */
function connectionTrouble(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  if ('code' in inner && typeof inner.code === 'string' && !inner.message.includes(inner.code)) return `${inner.message} (${inner.code})`;
  return inner.message;
}

const maxRedirects = 3;
