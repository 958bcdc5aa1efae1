import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { app, slowStep } from '../../support/apps.ts';
import { nextLine } from '../../support/moments.ts';
import { type OwnEngine, startOwnEngine, subnetsOfOwnEngine } from '../../support/own-engine.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import { close, newRepository, open, push } from '../lab/tales.ts';

/** An engine of the laboratory's own ends under the program and comes back, while previews run and while one is built; people push and close meanwhile. */
export async function engineRestart(run: CaseRun): Promise<void> {
  const usual = process.env['DOCKER_HOST'];
  const engine = await startOwnEngine(['busybox:1.37', 'traefik:v3.7.15']);
  process.env['DOCKER_HOST'] = engine.address;
  try {
    await withLab({ seed: run.seed, settings: { PREVIEW_SUBNETS: subnetsOfOwnEngine() } }, async (lab) => {
      for (const [how, end] of [['stopped', 'stop'], ['killed', 'kill']] as const) {
        await run.check(`the engine is ${how} and comes back in mid-run`, () => inMidRun(lab, engine, end));
        await run.check(`the engine is ${how} and comes back in mid-build`, () => inMidBuild(lab, engine, end));
      }
      await run.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
    });
  } finally {
    if (usual === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = usual;
    await engine.close();
  }
}

type End = 'stop' | 'kill';

async function inMidRun(lab: Lab, engine: OwnEngine, end: End): Promise<number> {
  const repository = await newRepository(lab, `run-${end}`);
  const [, pushed, closed] = [await open(lab, repository, 'kept'), await open(lab, repository, 'pushed'), await open(lab, repository, 'closed')];
  await lab.converge();
  return away(lab, engine, end, async () => {
    await push(lab, pushed);
    await close(lab, closed);
  });
}

async function inMidBuild(lab: Lab, engine: OwnEngine, end: End): Promise<number> {
  const tale = await open(lab, await newRepository(lab, `build-${end}`), 'feature');
  await lab.converge();
  const building = nextLine(lab.world, 'building', undefined);
  await push(lab, tale, app({ text: randomUUID(), instruction: slowStep(3) }));
  await building;
  return away(lab, engine, end, async () => undefined);
}

/** Traefik runs on that engine, too, and comes back as `restart: unless-stopped` lets it. */
async function away(lab: Lab, engine: OwnEngine, end: End, meanwhile: () => Promise<void>): Promise<number> {
  await engine[end]();
  await meanwhile();
  await delay(downMs);
  await engine.start();
  await lab.world.docker.getContainer(lab.world.traefik!.containerId).start().catch((error: { statusCode?: number }) => {
    // One that outlived its engine runs already.
    if (error.statusCode !== 304) throw error;
  });
  const ms = await lab.converge();
  lab.rest();
  return ms;
}

const downMs = 2_000;
