import type { Clock } from '../reconcile/ports/clock.ts';

/** The tokens of installations, as octokit's App authentication keeps them: one text per key, `token|made at|expires at|…`. */
export type TokenCache = {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  /** Drops an installation's token when it is older than five seconds; false when there is none such, so that a new one cannot help. */
  forget(installationId: number): boolean;
};

/** A token counts until five minutes before it expires, so that a request that waits does not outlive it. */
export function createTokenCache(clock: Clock): TokenCache {
  const entries = new Map<string, { value: string; storedAt: number; until: number }>();
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
      const entry = entries.get(key);
      if (!entry || clock.now().getTime() - entry.storedAt < newMs) return false;
      return entries.delete(key);
    },
  };
}

/** Who is refused with a token this new is refused for another reason; the next attempt may ask for one more. */
const newMs = 5_000;
const marginMs = 5 * 60_000;
