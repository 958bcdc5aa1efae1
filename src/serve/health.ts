import type { Check, Health } from '../dashboard/health.ts';
import { createKeyCheck } from '../github/health.ts';
import type { Program } from './program.ts';

/** What `readyz` says: each part asked at most every few seconds, the last answer in between. */
export function createHealth({ deps, github, settings }: Program): () => Promise<Health> {
  const keyCheck = createKeyCheck({ appOctokit: github.appOctokit, clock: deps.clock });
  const limit = () => AbortSignal.timeout(checkLimitMs);
  const remembered = (ask: () => Promise<string | null>): (() => Promise<Check>) => {
    let last: Promise<Check> | null = null;
    let asked = 0;
    return () => {
      const now = deps.clock.now();
      if (last === null || now.getTime() - asked > rememberMs) {
        asked = now.getTime();
        last = ask().then(
          (why): Check => (why === null ? { ok: true, checkedAt: now } : { ok: false, why, checkedAt: now }),
          (error: unknown): Check => ({ ok: false, why: error instanceof Error ? error.message : String(error), checkedAt: now }),
        );
      }
      return last;
    };
  };
  const database = remembered(async () => (await deps.store.ping(), null));
  const engine = remembered(async () => (await deps.engine.ping(limit()), null));
  const key = remembered(async () => {
    const found = await keyCheck();
    return found.ok ? null : found.why;
  });
  const edge = remembered(async () => {
    const answer = await deps.edge.probe(deps.config.host('project-0-readyz'), '/_kosuke/status', AbortSignal.timeout(2 * checkLimitMs), checkLimitMs);
    if (answer.kind === 'no-edge') return `Traefik does not answer at ${settings.edgeAddress.host}:${settings.edgeAddress.port}: ${answer.why}`;
    return answer.gateState === null ? `Traefik answers with status ${answer.status}, not with this program's gate at ${settings.gateUrl}` : null;
  });
  return async () => {
    const [databaseCheck, engineCheck, githubCheck, edgeCheck] = await Promise.all([database(), engine(), key(), edge()]);
    return { database: databaseCheck, engine: engineCheck, github: githubCheck, edge: edgeCheck };
  };
}

const checkLimitMs = 3_000;
const rememberMs = 5_000;
