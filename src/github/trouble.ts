import { KosukeError } from '../domain/errors.ts';
import { NoAnswer } from './fetch.ts';
import { reasonOf } from './reason.ts';

/** GitHub's own "no": a failure status with GitHub's JSON, which no proxy or maintenance page sends, other than a rate limit. */
export type Refusal = {
  status: number;
  message: string;
  /** What was refused: a token for the installation, or the request itself. */
  of: 'token' | 'request';
};

/**
 * What a failed request means for people. `what` is one sentence without a full stop, e.g. `GitHub did not take the comment on
 * acme/shop#12`. When the caller gave up (a stop, not a time-out) its own reason comes back instead.
 */
export function githubTrouble(error: unknown, what: string, signal: AbortSignal): unknown {
  if (signal.aborted && !isTimeout(signal.reason)) return signal.reason;
  if (error instanceof KosukeError) return error;
  const { why, next } = signal.aborted ? { why: 'there was no answer in time', next: again } : explain(error);
  return new KosukeError({ code: 'github', fault: 'us', what, why, next }, { cause: error, retry: true });
}

/** GitHub gave an answer that is not what it documents. */
export function unreadable(what: string, why: string, cause?: unknown): KosukeError {
  return new KosukeError({ code: 'github', fault: 'us', what, why, next: again }, { cause, retry: true });
}

/** The refusal that an error of `ask` stands for; `null` when GitHub gave no clear answer. */
export function refusalOf(error: unknown): Refusal | null {
  const failed = error instanceof KosukeError ? error.cause : error;
  if (!isHttpError(failed) || failed.status < 400 || failed.status >= 500) return null;
  const message = messageOf(failed);
  if (message === null || limitedFor(failed, 0) !== null) return null;
  return { status: failed.status, message, of: isMint(failed) ? 'token' : 'request' };
}

/**
 * For how many ms GitHub wants to be left alone, when the error says so; `null` when it does not. `now` in ms since 1970.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function limitedFor(error: unknown, now: number): number | null {
  if (!isHttpError(error) || ![403, 429].includes(error.status)) return null;
  const headers = error.response?.headers ?? {};
  const retryAfter = Number(headers['retry-after']);
  if (headers['retry-after'] !== undefined && Number.isFinite(retryAfter)) return clamp(retryAfter * 1000);
  if (String(headers['x-ratelimit-remaining']) === '0') return clamp(Number(headers['x-ratelimit-reset']) * 1000 - now);
  if (error.status === 429 || /rate limit|abuse detection/i.test(messageOf(error) ?? '')) return 60_000;
  return null;
}

/** The answer to a conditional request: what is known still holds. */
export function isUnchanged(error: unknown): boolean {
  return isHttpError(error) && error.status === 304;
}

/** A refusal that a newer token may lift: revoked meanwhile, or made before the App got a permission. */
export function isStaleToken(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal?.of !== 'request') return false;
  return refusal.status === 401 || (refusal.status === 403 && /not accessible by integration/i.test(refusal.message));
}

const again = 'It is tried again by itself.';

function explain(error: unknown): { why: string; next: string } {
  if (isHttpError(error)) {
    if (limitedFor(error, 0) !== null) return { why: 'too many requests were made (rate limit)', next: 'It is tried again when GitHub allows it.' };
    const message = messageOf(error);
    if (message !== null) return { why: `it answered ${error.status}, ${message}`, next: nextFor(error, message) };
    if (error.response !== undefined) return { why: `it answered ${error.status}`, next: again };
  }
  const inner = isHttpError(error) && error.cause !== undefined ? error.cause : error;
  if (inner instanceof NoAnswer && inner.kind === 'timeout') return { why: inner.message, next: again };
  if (inner instanceof NoAnswer && inner.kind === 'unreadable') return { why: `its answer cannot be read: ${inner.message}`, next: again };
  return { why: `it could not be reached: ${reasonOf(inner)}`, next: `${again} Check the network, and GHE_HOST if it is set.` };
}

function nextFor(error: HttpError, message: string): string {
  if (error.status === 401) return 'Check APP_ID, PRIVATE_KEY and the clock of this machine.';
  if (/suspended/i.test(message)) return 'Unsuspend the App in the settings of its installation.';
  if (/not accessible by integration/i.test(message)) {
    return 'Give the App the permissions of app.yml, and accept them in the settings of its installation.';
  }
  return again;
}

type HttpError = Error & {
  status: number;
  request?: { url?: unknown };
  response?: { headers: Record<string, unknown>; data: unknown };
};

/** octokit's RequestError, which it does not export from a package of ours. */
export function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && error.name === 'HttpError' && 'status' in error && typeof error.status === 'number';
}

/** GitHub's `message`, of a JSON answer only, cut to 300 characters. */
function messageOf(error: HttpError): string | null {
  const data = error.response?.data;
  if (typeof data !== 'object' || data === null || !('message' in data) || typeof data.message !== 'string') return null;
  return data.message.replaceAll(/\s+/g, ' ').slice(0, 300);
}

/** It was a token that was asked for. */
export function isMint(error: HttpError): boolean {
  return String(error.request?.url).endsWith('/access_tokens');
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

function clamp(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1_000), 3_600_000) : 60_000;
}
