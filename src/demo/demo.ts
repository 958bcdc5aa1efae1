import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { stripAnsi } from '../domain/inert.ts';
import { CheckFailed, createChecks } from './checks.ts';
import { createInterrupt, Interrupted } from './interrupt.ts';
import { once } from './once.ts';
import { createScreen, type Screen } from './screen.ts';
import { show } from './show.ts';
import { openPull, setStage } from './stage.ts';
import { takeDown } from './take-down.ts';
import { createTimeline } from './timeline.ts';
import { watch } from './watch.ts';
import { freeOrAny } from './ports.ts';
import { startWorld, type World } from './world.ts';

/**
 * Opens a pull request on a sample repository of a local GitHub and shows how it gets its preview. With `once` it goes on by itself: a
 * push, then the close, each with checks; else it ends when it is interrupted. Everything that it made is removed. Resolves with the
 * exit code: 0, 1 when something was not as it should be, 130 when `once` was interrupted.
 */
export async function demo(options: { once: boolean }): Promise<number> {
  const screen = createScreen(process.stdout);
  const interrupt = createInterrupt(screen);
  try {
    return await inWorld(screen, interrupt, options);
  } finally {
    interrupt.forget();
  }
}

type Interrupt = ReturnType<typeof createInterrupt>;

async function inWorld(screen: Screen, interrupt: Interrupt, options: { once: boolean }): Promise<number> {
  let world: World;
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-demo-'));
  try {
    screen.line(`\n${screen.strong('Kosuke Preview')}  a local GitHub, Traefik and the program, on this machine only`);
    const began = performance.now();
    world = await startWorld({ dir, log: silent, previewPort: await freeOrAny(usualPort), detached: true });
    screen.step({ at: new Date(), word: 'started', text: `GitHub at ${world.github.url}, previews at ${world.url('*')}` }, performance.now() - began);
  } catch (error) {
    screen.line(`\nThe demo could not start: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  interrupt.leaves(world);
  const code = await actOrExplain(world, screen, interrupt.signal, options);
  return (await takeDown(screen, world)) ? code : 1;
}

async function actOrExplain(world: World, screen: Screen, signal: AbortSignal, options: { once: boolean }): Promise<number> {
  try {
    await act(world, screen, signal, options);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return options.once ? 130 : 0;
    await explain(screen, world, error);
    return 1;
  }
}

async function act(world: World, screen: Screen, signal: AbortSignal, options: { once: boolean }): Promise<void> {
  const timeline = createTimeline(screen);
  const prepared = await setStage(world);
  signal.throwIfAborted();
  const at = new Date();
  const stage = await openPull(world, prepared);
  const { fullName } = stage.repository;
  timeline.add({ at, word: 'opened', text: `pull request ${fullName}#${stage.pull.number} “${stage.pull.title}”`, look: 'begin' });
  const endWatch = watch(world, stage, timeline);
  try {
    const check = createChecks(timeline, world.program, signal);
    await (options.once ? once(world, stage, check) : show(world, stage, { screen, timeline, check, signal }));
  } finally {
    await endWatch();
  }
}

/** Says what went wrong, what the program said last, and where all of that can be read. */
async function explain(screen: Screen, world: World, error: unknown): Promise<void> {
  const kept = join(tmpdir(), `kosuke-demo-${world.instance}.log`);
  await copyFile(world.program.logFile, kept);
  if (error instanceof CheckFailed) screen.line(`\n✗ Expected: ${error.expected}\n  Seen:     ${stripAnsi(error.seen)}`);
  else screen.line(`\n✗ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  screen.line('\nThe last lines of the program\'s log:');
  for (const { at, level, msg, ...rest } of world.program.lines().slice(-20)) {
    screen.line(`  ${at.toISOString().slice(11, 23)} ${level >= warn ? 'WARN ' : ''}${stripAnsi(`${msg} ${JSON.stringify(rest)}`).slice(0, 300)}`);
  }
  screen.line(`All of it: ${kept}`);
}

const usualPort = 8080;
const warn = 40;
/** What goes wrong is thrown; the program writes a log of its own. */
const silent = pino({ level: 'silent' });
