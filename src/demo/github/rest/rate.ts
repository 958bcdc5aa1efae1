import type { World } from '../world.ts';
import type { Caller } from './callers.ts';
import { ApiError } from './errors.ts';

export type Rate = { limit: number; used: number; resetAt: number };

const windowMs = 3_600_000;

/** The hourly allowance of whoever asks: 5,000 per installation and for the App itself, 60 without credentials. */
export function rateOf(world: World, caller: Caller): Rate {
  const key = caller.kind === 'installation' ? String(caller.token.installation.id) : caller.kind;
  const now = world.now().getTime();
  const known = world.rates.get(key);
  if (known && known.resetAt > now) return known;
  const fresh = { limit: caller.kind === 'none' ? 60 : 5_000, used: 0, resetAt: now + windowMs };
  world.rates.set(key, fresh);
  return fresh;
}

/** @throws ApiError 403 when the hour's allowance is used up. */
export function spend(rate: Rate, caller: Caller): void {
  if (rate.used >= rate.limit) {
    const whom = caller.kind === 'installation' ? ` for installation ID ${caller.token.installation.id}` : '';
    throw new ApiError(403, `API rate limit exceeded${whom}.`);
  }
  rate.used++;
}

export function rateHeaders(rate: Rate): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(rate.limit),
    'X-RateLimit-Remaining': String(rate.limit - rate.used),
    'X-RateLimit-Used': String(rate.used),
    'X-RateLimit-Reset': String(Math.floor(rate.resetAt / 1_000)),
    'X-RateLimit-Resource': 'core',
  };
}
