import type { Deps } from '../deps.ts';
import type { EdgeAnswer } from '../ports/edge.ts';

/**
 * Asks the public host until an answer is as it should be; resolves with whether it was within `publicHostLimitMs`, and with the
 * last answer. The path is one that apps have no reason to serve: the headers of Traefik's middlewares come with a 404 too.
 */
export async function publicHostShows(
  deps: Pick<Deps, 'edge' | 'clock'>,
  host: string,
  asItShould: (answer: EdgeAnswer & { kind: 'answer' }) => boolean,
  signal: AbortSignal,
): Promise<{ shown: boolean; last: EdgeAnswer }> {
  const until = deps.clock.now().getTime() + publicHostLimitMs;
  for (;;) {
    const last = await deps.edge.probe(host, probePath, signal, oneProbeLimitMs);
    if (last.kind === 'answer' && asItShould(last)) return { shown: true, last };
    if (deps.clock.now().getTime() > until) return { shown: false, last };
    await deps.clock.sleep(betweenMs, signal);
  }
}

const publicHostLimitMs = 10_000;
const oneProbeLimitMs = 2_000;
const betweenMs = 15;
const probePath = '/.well-known/kosuke-preview-probe';
