import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { goesOn, type Check } from './checks.ts';
import { headlines } from './sample.ts';
import type { Screen } from './screen.ts';
import { commentOn, type Stage } from './stage.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** Waits for the preview, says where it is and how to change it, and goes on until the signal, whose reason it throws, or until the program ends by itself. */
export async function show(world: World, stage: Stage, on: { screen: Screen; timeline: Timeline; check: Check; signal: AbortSignal }): Promise<never> {
  const { screen, timeline, check, signal } = on;
  await check('the preview runs, and the pull request says so', () => {
    const body = commentOn(world, stage)?.body ?? 'there is no comment yet';
    return /\bRunning\b/.test(body) || body;
  });
  timeline.finish();
  for (const line of farewell(world, stage, screen.strong)) screen.line(line);
  for (;;) {
    goesOn(world.program, signal);
    await delay(lookEveryMs);
  }
}

const lookEveryMs = 100;

function farewell(world: World, { repository, pull, url }: Stage, strong: (text: string) => string): string[] {
  const clone = join(world.dir, repository.name);
  const remote = world.github.personUrl(repository, 'you');
  return [
    '',
    `  Preview        ${strong(url)}`,
    `  Pull request   ${strong(pull.pageUrl)}`,
    '',
    '  Push a change from another terminal and watch the preview follow:',
    '',
    `    git clone -q -c user.name=You -c user.email=you@localhost -b ${pull.head.ref} ${remote} ${clone}`,
    `    sed -i 's/${headlines.pull}/${headlines.push}/' ${clone}/index.html && git -C ${clone} commit -qam 'A new headline'`,
    `    git -C ${clone} push -q`,
    '',
    '  Ctrl-C ends the demo and removes everything that it made, the clone too.',
  ];
}
