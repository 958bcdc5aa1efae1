import type { Deployment } from './deployment.ts';

/** The way of a deployment to its visitors; each phase is named by what ends it. */
export const phases = ['claimed', 'fetched', 'built', 'started', 'ready', 'switched'] as const;
export type Phase = (typeof phases)[number];

type Times = Pick<Deployment, 'createdAt' | 'buildStartedAt' | 'fetchedAt' | 'builtAt' | 'startedAt' | 'readyAt' | 'switchedAt'>;

/**
 * How long each phase took, in ms, by the times of the row. What was passed over is left out (an image that was there already needs no
 * fetch), and so is what an earlier attempt left behind.
 */
export function phaseDurations(times: Times): Partial<Record<Phase, number>> {
  const ends: Record<Phase, Date | null> = {
    claimed: times.buildStartedAt,
    fetched: times.fetchedAt,
    built: times.builtAt,
    started: times.startedAt,
    ready: times.readyAt,
    switched: times.switchedAt,
  };
  const durations: Partial<Record<Phase, number>> = {};
  let from = times.createdAt.getTime();
  for (const phase of phases) {
    const to = ends[phase]?.getTime();
    if (to === undefined || to < from) continue;
    durations[phase] = to - from;
    from = to;
  }
  return durations;
}
