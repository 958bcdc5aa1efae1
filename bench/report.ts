import type { Pair, Scenario } from './deployments.ts';
import { phases } from './phases.ts';
import { ratios, spreadOf, type Spread } from './stats.ts';

/** How much of the script's time a deployment may take, from the webhook until the public address answers. */
export const bounds: Readonly<Record<Scenario, number>> = { 'first deployment': 0.95, 'push, warm cache': 0.9, 'push, same tree': 0.6 };

/** What was measured of one scenario, as lines to read: the ratio with its spread and its bound, then where the time goes on either side. */
export function scenarioLines(scenario: Scenario, pairs: readonly Pair[]): string[] {
  const program = pairs.map((pair) => pair.program);
  const script = pairs.map((pair) => pair.script);
  const ratio = spreadOf(ratios(program.map(({ ms }) => ms), script.map(({ ms }) => ms)));
  const bound = bounds[scenario];
  const verdict = ratio.median <= bound ? 'holds' : `missed by ${(ratio.median - bound).toFixed(2)}`;
  return [
    `${scenario}: ${ratioText(ratio)} of the plain script (bound ${bound}: ${verdict})`,
    `  program ${msText(spreadOf(program.map(({ ms }) => ms)))}`,
    `    ${stepsText(phases, program.map(({ steps }) => steps))}`,
    `  script  ${msText(spreadOf(script.map(({ ms }) => ms)))}`,
    `    ${stepsText(['cloned', 'network', 'built', 'started', 'answers'], script.map(({ steps }) => steps))}`,
  ];
}

/** `0.93 (0.88–1.02)` */
export function ratioText({ median, least, most }: Spread): string {
  return `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

/** `1,043 ms (990–1,180)` */
export function msText({ median, least, most }: Spread): string {
  return `${whole(median)} ms (${whole(least)}–${whole(most)})`;
}

/** The median time that each step took, from the end of the one before: `claimed 61 · fetched 120 · …`. One that no run had is left out. */
export function stepsText(names: readonly string[], runs: readonly Partial<Record<string, number>>[]): string {
  const parts: string[] = [];
  for (const [at, name] of names.entries()) {
    const spans = runs.flatMap((run) => {
      const end = run[name];
      const before = names.slice(0, at).findLast((earlier) => run[earlier] !== undefined);
      return end === undefined ? [] : [end - (before === undefined ? 0 : run[before]!)];
    });
    if (spans.length > 0) parts.push(`${name} ${whole(spreadOf(spans).median)}`);
  }
  return parts.join(' · ');
}

function whole(ms: number): string {
  return Math.round(ms).toLocaleString('en');
}
