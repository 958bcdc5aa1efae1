import type { Deps } from '../deps.ts';
import type { EdgeAnswer } from '../ports/edge.ts';

/** `signal` ends the step, `stop` the program. */
export type Signals = { signal: AbortSignal; stop: AbortSignal };

/**
 * Asks the public host until an answer is as it should be; resolves with whether it was within `publicHostLimitMs`, and with the last answer. It is asked at the path at which
 * readiness sees apps answer. An app may take seconds for each page: while one request is open, a second is sent, since the first may have reached the version that was on
 * the host before. What is open at the end is read to its end, as a visitor would: some apps die when one goes away. `stop` ends that, too.
 */
export async function publicHostShows(
  deps: Pick<Deps, 'edge' | 'clock'>,
  host: string,
  asItShould: (answer: EdgeAnswer & { kind: 'answer' }) => boolean,
  { signal, stop }: Signals,
): Promise<{ shown: boolean; last: EdgeAnswer }> {
  const now = (): number => deps.clock.now().getTime();
  const until = now() + publicHostLimitMs;
  const open = new Set<Promise<void>>();
  const seen: { shown: boolean; last: EdgeAnswer } = { shown: false, last: { kind: 'no-edge', why: 'no answer within 10 s', connected: false } };
  let askedAt = -Infinity;
  const ask = async (): Promise<void> => {
    askedAt = now();
    const answer = await deps.edge.probe(host, '/', stop, wholeLimitMs);
    if (seen.shown) return;
    seen.last = answer;
    seen.shown = answer.kind === 'answer' && asItShould(answer);
  };
  for (;;) {
    if (seen.shown || now() >= until) return { ...seen };
    if (open.size === 0 || (open.size < mostAtOnce && now() - askedAt >= patienceMs)) {
      const asked = ask().finally(() => open.delete(asked));
      asked.catch(() => undefined);
      open.add(asked);
    }
    await Promise.race([...open, deps.clock.sleep(patienceMs, signal)]);
    if (!seen.shown && open.size === 0) await deps.clock.sleep(betweenMs, signal);
  }
}

const publicHostLimitMs = 10_000;
const patienceMs = 1_000;
const mostAtOnce = 2;
const betweenMs = 15;
const wholeLimitMs = 60_000;
