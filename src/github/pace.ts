import { KosukeError } from '../domain/errors.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import { limitedFor } from './trouble.ts';

/** Keeps the requests of one installation inside GitHub's limits. Nothing waits here: who comes too early is told to come again. */
export type Pace = {
  /** @throws KosukeError (retry) while GitHub wants quiet, or when a write would be one too many. Counts the write. */
  admit(method: string): void;
  /** Learns from a failed request whether GitHub wants quiet. */
  note(error: unknown): void;
};

/**
 * At most 60 writes in any minute and 400 in any hour, below GitHub's 80 and 500; and none at all, reads included, until the time
 * that GitHub named with a 429 or 403.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export function createPace(clock: Clock): Pace {
  let quietUntil = 0;
  let writes: number[] = [];
  return {
    admit(method) {
      const now = clock.now().getTime();
      if (now < quietUntil) throw tooEarly('GitHub asked for a pause (rate limit)', quietUntil);
      if (method === 'GET' || method === 'HEAD') return;
      writes = writes.filter((at) => at > now - hourMs);
      const full = writesPer.find(({ ms, most }) => writes.filter((at) => at > now - ms).length >= most);
      if (full) throw tooEarly(`${full.most} writes in ${full.ms / 1000} s are as many as we allow ourselves`, now + full.ms / 10);
      writes.push(now);
    },
    note(error) {
      const now = clock.now().getTime();
      const ms = limitedFor(error, now);
      if (ms !== null) quietUntil = Math.max(quietUntil, now + ms);
    },
  };
}

const hourMs = 3_600_000;
const writesPer = [
  { ms: 60_000, most: 60 },
  { ms: hourMs, most: 400 },
];

function tooEarly(why: string, until: number): KosukeError {
  const at = new Date(until).toISOString();
  return new KosukeError(
    { code: 'github', fault: 'us', what: 'GitHub is not asked just now', why, next: `It is tried again by itself, not before ${at}.` },
    { retry: true, notBefore: new Date(until) },
  );
}
