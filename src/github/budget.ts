import { isHttpError, isMint } from './trouble.ts';

export type Budget = { remaining: number; resetAt: Date };

type Headers = Readonly<Record<string, unknown>>;

/**
 * How many requests of the hour are left, by the headers of an answer; `null` where they do not say, as on a server without rate limits.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
 */
export function budgetOf(headers: Headers): Budget | null {
  if ((headers['x-ratelimit-resource'] ?? 'core') !== 'core') return null;
  const remaining = numberOf(headers['x-ratelimit-remaining']);
  const reset = numberOf(headers['x-ratelimit-reset']);
  return remaining === null || reset === null ? null : { remaining, resetAt: new Date(reset * 1000) };
}

/** The same of a failed request. A token that was refused was asked for by the App: its budget is not that of the installation. */
export function budgetOfError(error: unknown): Budget | null {
  return isHttpError(error) && !isMint(error) ? budgetOf(error.response?.headers ?? {}) : null;
}

function numberOf(header: unknown): number | null {
  return /^\d{1,12}$/.test(String(header)) ? Number(header) : null;
}
