import type { DeliverySnapshot } from '../src/demo/github/index.ts';
import type { World } from '../src/demo/world.ts';
import { probeAgent } from '../src/domain/probe.ts';
import { phases, phaseTimes, type Phase } from './phases.ts';
import { within } from './wait.ts';

/** One deployment of the program: `ms` from the moment at which its webhook left GitHub until the public host answered with its commit. */
export type ProgramRun = { ms: number; steps: Partial<Record<Phase, number>> };

/**
 * Waits until a host serves the commit and its status is said. `webhook`: which delivery began it; it may be on its way yet.
 * @throws Error after a minute.
 */
export async function followed(world: World, commit: string, webhook: (delivery: DeliverySnapshot) => boolean): Promise<ProgramRun> {
  const { host, deployment } = await within(`${commit} is queued`, () => queued(world, commit));
  // Not before it can be: each answer of the gate would cost the program what it is measured for.
  await within(`${commit} is ready`, () => (world.program.lines().some((line) => line.msg === 'ready' && line['deployment'] === deployment) ? true : undefined));
  const answeredAt = await within(`${host} answers with ${commit}`, async () => {
    // As the program's own probes: the gate makes no page for them.
    const answer = await world.get(host, { timeoutMs: 5_000, headers: { 'user-agent': probeAgent } });
    return answer.status === 200 && answer.headers['x-kosuke-commit'] === commit ? Date.now() : undefined;
  });
  return within(`the deployment of ${commit} was told to its end`, () => {
    const delivery = world.github.deliveries().find(webhook);
    if (delivery === undefined) return undefined;
    const steps = phaseTimes(world.program.lines(), commit, delivery.at);
    // One whose files were built before is not fetched.
    return phases.every((phase) => phase === 'fetched' || steps[phase] !== undefined) ? { ms: answeredAt - delivery.at.getTime(), steps } : undefined;
  });
}

/** First label of the host, and the deployment, that the commit was queued for. */
function queued(world: World, commit: string): { host: string; deployment: unknown } | undefined {
  const line = world.program.lines().findLast((one) => one.msg === 'queued' && one['commit'] === commit);
  return line === undefined ? undefined : { host: String(line['host']), deployment: line['deployment'] };
}
