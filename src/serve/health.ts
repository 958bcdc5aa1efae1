import type { Check, Health } from '../dashboard/health.ts';
import { hideCredentials } from '../domain/credentials.ts';
import { stripAnsi } from '../domain/inert.ts';
import { createKeyCheck } from '../github/health.ts';
import type { Program } from './program.ts';

/** What `readyz` says: each part asked at most every few seconds, a part that is not well more often; the last answer in between. */
export function createHealth({ deps, github, settings }: Program): () => Promise<Health> {
  const keyCheck = createKeyCheck({ appOctokit: github.appOctokit, clock: deps.clock });
  const limit = () => AbortSignal.timeout(checkLimitMs);
  const remembered = (ask: () => Promise<string | null>): (() => Promise<Check>) => {
    let last: Check | null = null;
    let asking: Promise<Check> | null = null;
    const asked = async (): Promise<Check> => {
      const checkedAt = deps.clock.now();
      try {
        const why = await ask();
        return why === null ? { ok: true, checkedAt } : { ok: false, why: stripAnsi(why), checkedAt };
      } catch (error) {
        return { ok: false, why: stripAnsi(hideCredentials(error instanceof Error ? error.message : String(error))), checkedAt };
      }
    };
    return async () => {
      if (last !== null && deps.clock.now().getTime() - last.checkedAt.getTime() < (last.ok ? rememberMs : rememberBadMs)) return last;
      asking ??= asked().finally(() => {
        asking = null;
      });
      last = await asking;
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
/** Short, so that one look before all is up does not hide that it is. */
const rememberBadMs = 250;
