import type { Clock } from '../reconcile/ports/clock.ts';

/** The tokens of installations, as octokit's App authentication keeps them: one text per key, `token|made at|expires at|…`. */
export type TokenCache = {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  /** Drops an installation's token when it is older than five seconds; false when another one cannot help: there was none, or it was new. */
  forget(installationId: number): boolean;
};

/** A token counts until five minutes before it expires, so that a request that waits does not outlive it. */
export function createTokenCache(clock: Clock): TokenCache {
  const entries = new Map<string, { value: string; storedAt: number; until: number }>();
  const forgotten = new Map<string, number>();
  return {
    get(key) {
      const entry = entries.get(key);
      return entry && entry.until > clock.now().getTime() ? entry.value : undefined;
    },
    set(key, value) {
      const now = clock.now().getTime();
      for (const [other, { until }] of entries) if (until <= now) entries.delete(other);
      const expiresAt = Date.parse(value.split('|')[2] ?? '');
      entries.set(key, { value, storedAt: now, until: (Number.isNaN(expiresAt) ? now : expiresAt) - marginMs });
    },
    forget(installationId) {
      const key = String(installationId);
      const now = clock.now().getTime();
      // Of requests that were refused side by side the first has dropped it: the others get the new one, too.
      if (now - (forgotten.get(key) ?? -Infinity) < newMs) return true;
      const entry = entries.get(key);
      if (!entry || now - entry.storedAt < newMs) return false;
      forgotten.set(key, now);
      return entries.delete(key);
    },
  };
}

/** Who is refused with a token this new is refused for another reason; the next attempt may ask for one more. */
const newMs = 5_000;
const marginMs = 5 * 60_000;
