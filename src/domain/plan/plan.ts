import { type Deployment, endedStates } from '../deployment.ts';
import type { Action, Plan } from './actions.ts';
import { cleanUp, planNothing } from './clean-up.ts';
import type { Observed } from './observed.ts';
import { isServing, liveOf, targetOf, waits } from './select.ts';
import { planSleep } from './sleep.ts';
import { advance, prepare, type Step } from './version.ts';

/**
 * What to do next for one preview; pure, and empty when all is as it should be.
 *
 * The target is the newest deployment of the wanted commit (of the latest `redeploy`); the live one is what was last seen ready.
 *
 * | wanted  | target                   | live                       | next                                                           |
 * |---------|--------------------------|----------------------------|----------------------------------------------------------------|
 * | nothing | any                      | any                        | cancel, hold on the gate, remove containers, holds, network, images |
 * | asleep  | any                      | any                        | hold on the gate, stop, release; no build                       |
 * | running, no room | any             | any                        | the same                                                        |
 * | running | none                     | any                        | queue it                                                        |
 * | running | queued, building         | serving, or none           | network, hold (on live / on the gate), wait for the build       |
 * | running | queued, building         | to be brought up again     | network, no hold, wait for the build                            |
 * | running | error                    | up, or kept up             | the same again at `retryAt`                                     |
 * | running | built                    | serving / else             | hold (on live / on the gate), start                             |
 * | running | starting, not yet ready  | serving / else             | keep the hold on live / on the gate, probe                      |
 * | running | starting, ready          | any                        | release, then it is live and the old one superseded             |
 * | running | starting, listens elsewhere | any                     | the same again with that port, behind the same hold             |
 * | running | starting, exited or late | any                        | fail it; the old one stays, or is brought up again              |
 * | running | failed                   | up, or kept up             | remove what it left                                             |
 * | running | live, container runs     | (the target)               | nothing                                                         |
 * | running | live, container down     | (the target)               | crash: restart after 0, 10, 60 s behind a hold; a fourth: wait for a person |
 *
 * Always: other deployments that have not ended are cancelled; containers and holds of ended ones go (a superseded one's after
 * `drainMs`), and their images unless another preview needs them. While the hold of another version than these two stands, nothing
 * else is done: it may be above theirs.
 */
export function plan(observed: Observed): Plan {
  if (observed.wanted.run === 'nothing') return { actions: planNothing(observed), lookAgainAt: null };
  if (observed.wanted.run === 'asleep' || !observed.room) return gather([planSleep(observed), cleanUp(observed)]);
  return planRunning(observed);
}

function planRunning(observed: Observed): Plan {
  const target = targetOf(observed);
  const live = liveOf(observed);
  const steps: Step[] = [];

  const overtaken = observed.deployments.filter((d) => d !== target && d !== live && !endedStates.includes(d.state));
  steps.push({ actions: overtaken.map((d): Action => ({ do: 'end', deploymentId: d.id, state: 'cancelled' })), at: null });
  if (target === undefined) steps.push({ actions: [{ do: 'queue', sha: observed.wanted.sha! }], at: null });
  steps.push(cleanUp(observed));

  const strange = observed.holds.some((h) => h.deploymentId !== target?.id && h.deploymentId !== live?.id);
  if (strange) return gather(steps);

  const needsNetwork = target === undefined || target.state !== 'failed' || live !== undefined;
  if (needsNetwork && !observed.network) steps.push({ actions: [{ do: 'ensure-network' }], at: null });
  if (!needsNetwork && observed.network) steps.push({ actions: [{ do: 'remove-network' }], at: null });

  const other = live !== undefined && live !== target && isServing(live, observed) ? live.id : 'gate';
  if (target !== undefined && target !== live) steps.push(prepare(target, observed, live === undefined ? 'gate' : isServing(live, observed) ? live.id : null));
  const next = target === undefined ? null : advance(target, observed, { heldTo: other, live: target === live, underHold: false });
  if (next !== null) steps.push(next);
  // Whoever is about to be superseded is not brought back in the same breath: it would take the place of its successor.
  const switches = next?.actions.some((action) => action.do === 'release') ?? false;
  if (live !== undefined && live !== target && !switches) {
    steps.push(advance(live, observed, { heldTo: 'gate', live: true, underHold: target !== undefined && isAbove(target, observed) }));
  }
  return gather(steps);
}

/** Whether the hold of the target stands, or is about to stand, above that of the live one. That of a failed attempt may lead to the live one, and goes first. */
function isAbove(target: Deployment, observed: Observed): boolean {
  switch (target.state) {
    case 'starting':
      return true;
    case 'built':
      return !waits(target, observed);
    case 'error':
    case 'failed':
      return observed.holds.some((h) => h.deploymentId === target.id);
    default:
      return false;
  }
}

function gather(steps: readonly Step[]): Plan {
  const times = steps.flatMap((step) => (step.at === null ? [] : [step.at.getTime()]));
  return {
    actions: steps.flatMap((step) => step.actions),
    lookAgainAt: times.length === 0 ? null : new Date(Math.min(...times)),
  };
}
