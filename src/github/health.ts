import { z } from 'zod';
import { failureOf } from '../domain/errors.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import { type Asker, ask } from './ask.ts';

export type KeyHealth = { ok: true; slug: string } | { ok: false; why: string };

/**
 * Whether GitHub takes our key (`GET /app`), for readyz. An answer is kept for a minute, a bad one for 10 s; those who ask while
 * it is being asked share one request. Never rejects.
 */
export function createKeyCheck({ appOctokit, clock }: { appOctokit: Asker; clock: Clock }): () => Promise<KeyHealth> {
  let kept: { health: KeyHealth; until: number } | null = null;
  let asking: Promise<KeyHealth> | null = null;
  return () => {
    if (kept && clock.now().getTime() < kept.until) return Promise.resolve(kept.health);
    asking ??= check(appOctokit).then((health) => {
      kept = { health, until: clock.now().getTime() + (health.ok ? goodForMs : badForMs) };
      asking = null;
      return health;
    });
    return asking;
  };
}

async function check(appOctokit: Asker): Promise<KeyHealth> {
  const what = 'GitHub did not accept the key of the App';
  try {
    const { slug } = await ask(appOctokit, { what, route: 'GET /app', shape: z.object({ slug: z.string() }) }, AbortSignal.timeout(limitMs));
    return { ok: true, slug };
  } catch (error) {
    const { why, next } = failureOf(error, 'asking GitHub for the App');
    return { ok: false, why: `${what}: ${why}. ${next}` };
  }
}

const goodForMs = 60_000;
const badForMs = 10_000;
const limitMs = 10_000;
