import type { ProgramLine } from '../src/demo/program.ts';

/**
 * The phases of a deployment, each with the log line of the program that ends it: webhook → claimed → fetched → built → started → ready →
 * switched → status said.
 */
export const phaseEnds = {
  claimed: 'building',
  fetched: 'fetched',
  built: 'built',
  started: 'started',
  ready: 'ready',
  switched: 'live',
  'status said': 'status said',
} as const satisfies Record<string, string>;

export type Phase = keyof typeof phaseEnds;

export const phases = Object.keys(phaseEnds) as Phase[];

/**
 * When each phase of the deployment of a commit ended, in ms after the webhook left GitHub. A phase without a line is left out: of a
 * deployment that is not over yet, say.
 */
export function phaseTimes(lines: readonly ProgramLine[], commit: string, webhookAt: Date): Partial<Record<Phase, number>> {
  const deployment = lines.find((line) => line.msg === 'queued' && line['commit'] === commit)?.['deployment'];
  const times: Partial<Record<Phase, number>> = {};
  for (const phase of phases) {
    const line = lines.find((one) => one['deployment'] === deployment && one.msg === phaseEnds[phase] && (phase !== 'status said' || one['status'] === 'success'));
    if (deployment !== undefined && line !== undefined) times[phase] = line.at.getTime() - webhookAt.getTime();
  }
  return times;
}
