import type { Deployment } from '../domain/deployment.ts';
import type { BuildStep } from './steps.ts';

export type TimelineItem = {
  name: string;
  is: 'done' | 'now' | 'failed' | 'next';
  /** How long it took, or takes so far; `null` where nothing can be said. */
  ms: number | null;
  /** Since when it is under way; `null` when it is not. */
  since: Date | null;
  cached: boolean;
  /** A step of the build itself. */
  inner: boolean;
};

/**
 * The way of a deployment from the queue to its visitors, with the steps of its build. What was passed over (an image that was there
 * already has no build) is left out; once it has ended, so is what it never came to.
 */
export function timelineOf(deployment: Deployment, steps: readonly BuildStep[], now: Date): TimelineItem[] {
  const d = deployment;
  const stages: Stage[] = [
    { name: 'Wait for a free builder', from: d.createdAt, to: d.buildStartedAt },
    { name: `Fetch commit ${d.sha.slice(0, 7)}`, from: d.buildStartedAt, to: d.fetchedAt },
    { name: 'Build the image', from: d.fetchedAt, to: d.builtAt, steps },
    { name: 'Start the app', from: d.builtAt, to: d.startedAt },
    { name: 'Wait until it answers', from: d.startedAt, to: d.readyAt },
    { name: 'Switch visitors over', from: d.readyAt, to: d.switchedAt },
  ];
  const over = d.state === 'error' || (d.endedAt !== null && d.state !== 'superseded');
  const last = stages.findLastIndex((stage) => stage.to !== null);
  return stages.flatMap((stage, index): TimelineItem[] => {
    if (stage.to === null && index < last) return [];
    const is = stage.to !== null ? 'done' : index > last + 1 ? 'next' : over ? 'failed' : 'now';
    if (over && (is === 'next' || (is === 'failed' && neverBegun(d, stage)))) return [];
    const until = stage.to ?? d.endedAt ?? now;
    const ms = stage.from === null || is === 'next' ? null : until.getTime() - stage.from.getTime();
    const whole: TimelineItem = { name: stage.name, is, ms, since: is === 'now' ? stage.from : null, cached: false, inner: false };
    return [whole, ...(stage.steps ?? []).map((step, at, all) => inner(step, all[at + 1], is, until))];
  });
}

type Stage = { name: string; from: Date | null; to: Date | null; steps?: readonly BuildStep[] };

/** A deployment that was stopped before this stage began did not fail at it. */
function neverBegun(deployment: Deployment, stage: Stage): boolean {
  return deployment.failure === null || stage.from === null;
}

function inner(step: BuildStep, following: BuildStep | undefined, stage: TimelineItem['is'], until: Date): TimelineItem {
  const is = stateOf(step, following, stage);
  const end = is === 'now' || (step.ended === null && is === 'failed') ? until : step.last;
  const ms = step.cached ? null : end.getTime() - step.began.getTime();
  return { name: step.name, is, ms, since: is === 'now' ? step.began : null, cached: step.cached, inner: true };
}

/** Steps may run side by side; of one that ended without a word, as after a kill, what followed tells that it is over. */
function stateOf(step: BuildStep, following: BuildStep | undefined, stage: TimelineItem['is']): TimelineItem['is'] {
  if (step.ended !== null) return step.ended;
  if (stage === 'now') return 'now';
  return following !== undefined ? 'done' : stage;
}
