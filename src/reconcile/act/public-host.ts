import type { Deps } from '../deps.ts';
import type { EdgeAnswer } from '../ports/edge.ts';

/**
 * Asks the public host until an answer is as it should be; resolves with whether it was within `publicHostLimitMs`, and with the last answer. Each request
 * has as long as is left, for an app may take seconds for each page. While one is open, the next is sent after a second, since the one may have reached the version
 * that was on the host before. Whatever is open at the end is read to its end, as a visitor would. The path is one that apps have no reason to serve: the headers of
 * Traefik's middlewares come with a 404 too.
 */
export async function publicHostShows(
  deps: Pick<Deps, 'edge' | 'clock'>,
  host: string,
  asItShould: (answer: EdgeAnswer & { kind: 'answer' }) => boolean,
  signal: AbortSignal,
): Promise<{ shown: boolean; last: EdgeAnswer }> {
  const now = (): number => deps.clock.now().getTime();
  const until = now() + publicHostLimitMs;
  const open = new Set<Promise<void>>();
  const seen: { shown: boolean; last: EdgeAnswer } = { shown: false, last: { kind: 'no-edge', why: 'no answer', connected: false } };
  let askedAt = -Infinity;
  const ask = async (limitMs: number): Promise<void> => {
    askedAt = now();
    const answer = await deps.edge.probe(host, probePath, signal, limitMs);
    if (seen.shown) return;
    seen.last = answer;
    seen.shown = answer.kind === 'answer' && asItShould(answer);
  };
  for (;;) {
    if (seen.shown || now() >= until) return { ...seen };
    if (open.size === 0 || (open.size < mostAtOnce && now() - askedAt >= patienceMs)) {
      const asked = ask(until - now()).finally(() => open.delete(asked));
      asked.catch(() => undefined);
      open.add(asked);
    }
    await Promise.race([...open, deps.clock.sleep(patienceMs, signal)]);
    if (!seen.shown && open.size === 0) await deps.clock.sleep(betweenMs, signal);
  }
}

const publicHostLimitMs = 10_000;
const patienceMs = 1_000;
const mostAtOnce = 8;
const betweenMs = 15;
const probePath = '/.well-known/kosuke-preview-probe';
