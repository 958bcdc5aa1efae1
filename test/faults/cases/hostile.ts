import { setTimeout as delay } from 'node:timers/promises';
import type { Files } from '../../../src/demo/github/index.ts';
import { spreadOf } from '../../../bench/stats.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import type { Tale } from '../lab/snapshot.ts';
import { app } from '../../support/apps.ts';
import { close, newRepository, open } from '../lab/tales.ts';

type Hostile = { name: string; command: string; build?: string };

/** What a container does beside answering, if it does that. */
const hostiles: readonly Hostile[] = [
  { name: 'an app that ignores TERM', command: "trap '' TERM; httpd -f -p 3000 -h /www & while :; do sleep 1; done" },
  { name: 'a crash loop', command: 'httpd -p 3000 -h /www; sleep 1; exit 3' },
  { name: 'a fork bomb', command: 'httpd -p 3000 -h /www; b() { b | b & }; b; sleep 3600' },
  { name: 'a log without end', command: "httpd -p 3000 -h /www; yes 'a line of a log that nobody will ever read, as long as those of many apps are'" },
  { name: 'a memory eater', command: 'httpd -p 3000 -h /www; tail /dev/zero' },
  { name: 'a build that never ends', command: 'httpd -f -p 3000 -h /www', build: 'RUN while :; do sleep 1; done' },
];

/** Each of them beside a neighbour, which answers within three times what it took before; so does the program. All of it goes at the end. */
export async function hostile(run: CaseRun, { seconds = 6 }: { seconds?: number } = {}): Promise<void> {
  await withLab({ seed: run.seed, settings: { BUILD_TIMEOUT: '10s', HEALTH_TIMEOUT: '10s' } }, async (lab) => {
    const repository = await newRepository(lab, 'neighbour');
    const neighbour = await open(lab, repository, 'neighbour');
    await lab.converge({ strictness: 'settled' });
    const before = await latencies(lab, neighbour, seconds);
    run.note(`before: ${shown(before)}`);
    for (const each of hostiles) await run.check(`${each.name} beside it, until it is gone`, () => beside(run, lab, neighbour, each, before, seconds));
    await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
  });
}

type Latencies = { preview: number; program: number };

async function beside(run: CaseRun, lab: Lab, neighbour: Tale, { name, command, build }: Hostile, before: Latencies, seconds: number): Promise<number> {
  const repository = await newRepository(lab, `hostile-${name.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`);
  const tale = await open(lab, repository, 'feature', files(command, build));
  lab.tales.splice(lab.tales.indexOf(tale), 1);
  await lab.world.github.delivered();
  await delay(startMs);
  const now = await latencies(lab, neighbour, seconds);
  run.note(`${name}: ${shown(now)}`);
  await isThere(lab, tale, build === undefined ? ['starting', 'live', 'built', 'superseded'] : ['building', 'error']);
  lab.tales.push(tale);
  await close(lab, tale);
  const ms = await lab.converge();
  lab.tales.splice(lab.tales.indexOf(tale), 1);
  for (const part of ['preview', 'program'] as const) {
    const ratio = now[part] / before[part];
    if (ratio > 3) throw new Error(`the ${part === 'preview' ? 'neighbour' : 'program'} answered after ${ratio.toFixed(1)} times what it took before (${shown(before)}, then ${shown(now)})`);
  }
  return ms;
}

/** A hostile thing that never came to be would prove nothing. */
async function isThere({ rows }: Lab, { repository }: Tale, states: readonly string[]): Promise<void> {
  const found = await rows<{ state: string }>(
    `select d.state from deployments d join previews p on p.id = d.preview_id join projects j on j.id = p.project_id where j.repository_id = ${repository.id}`,
  );
  if (!found.some(({ state }) => states.includes(state))) throw new Error(`it never came to be: ${JSON.stringify(found)}`);
}

/** Until it has been built and started. */
const startMs = 2_000;

/** The middle ones of what a visitor of the neighbour and a caller of the program wait, in ms. */
async function latencies({ world }: Lab, { repository, branch }: Tale, seconds: number): Promise<Latencies> {
  const operations = await world.program.operations();
  const list = await operations.list({ all: false });
  const row = list.ok ? list.value.find((each) => each.repository === repository.fullName && each.ref === branch) : undefined;
  if (row === undefined) throw new Error('the neighbour is not listed');
  const took = { preview: [] as number[], program: [] as number[] };
  const timed = async (times: number[], act: () => Promise<{ status: number }>) => {
    const began = performance.now();
    const { status } = await act();
    if (status !== 200) throw new Error(`it answers ${status}`);
    times.push(performance.now() - began);
  };
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await delay(20)) {
    await timed(took.preview, () => world.get(row.hostLabel));
    await timed(took.program, () => world.get(`http://127.0.0.1:${world.program.env['PORT']}/healthz`));
  }
  return { preview: spreadOf(took.preview).median, program: spreadOf(took.program).median };
}

function shown({ preview, program }: Latencies): string {
  return `a visit ${preview.toFixed(1)} ms, the program ${program.toFixed(1)} ms`;
}

function files(command: string, build: string | undefined): Files {
  const made = app({ text: command, instruction: build });
  const dockerfile = String(made['Dockerfile']).replace(/^CMD .*$/m, `CMD ${JSON.stringify(['sh', '-c', command])}`);
  return { ...made, Dockerfile: dockerfile, 'index.html': '<p>hostile</p>' };
}
