import type { Deps } from '../reconcile/deps.ts';

/**
 * Resolves when nothing is due within the next minute, nothing is in hand, and GitHub was told; at the latest after `limitMs`. What is
 * in hand counts as due at the end of its lease, which is never further away than a minute.
 */
export async function untilIdle({ store, clock }: Pick<Deps, 'store' | 'clock'>, limitMs: number): Promise<void> {
  const until = clock.now().getTime() + limitMs;
  const dueTimes = () => [store.previews.nextDue(), store.deployments.nextBuildDue(), store.reports.nextCommentDue(), store.reports.nextStatusDue()];
  while (clock.now().getTime() < until) {
    const soon = clock.now().getTime() + soonMs;
    const due = await Promise.all(dueTimes());
    if (due.every((time) => time === null || time.getTime() > soon)) return;
    await clock.sleep(lookEveryMs);
  }
}

const soonMs = 61_000;
const lookEveryMs = 100;
