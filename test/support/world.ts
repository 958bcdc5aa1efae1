import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { pino } from 'pino';
import type { Answer } from '../../src/demo/get.ts';
import { type CommentSnapshot, ContractBroken, type RepositoryRef } from '../../src/demo/github/index.ts';
import { startWorld, type World, type WorldOptions } from '../../src/demo/world.ts';
import { eventually } from './eventually.ts';
import { fillDatabase } from './store.ts';

export type { World } from '../../src/demo/world.ts';

/** Starts a world in a temporary directory; `settings` are more of the program's. Close it in `after`. */
export function startTestWorld(settings: Record<string, string> = {}, parts: Pick<WorldOptions, 'traefik' | 'envFile' | 'fillDataDir'> = {}): Promise<World> {
  const dir = join(tmpdir(), `kosuke-world-${randomBytes(6).toString('hex')}`);
  // How many previews run at once is not to depend on the machine.
  return startWorld({ dir, log: pino({ level: 'silent' }), settings: { MEMORY_BUDGET: 'none', ...settings }, fillDataDir: fillDatabase, ...parts });
}

/** A world for the length of `use`. When that throws, the last lines of the program's log go to stderr. */
export async function withWorld(use: (world: World) => Promise<void>, settings: Record<string, string> = {}): Promise<void> {
  const world = await startTestWorld(settings);
  try {
    await use(world);
  } catch (error) {
    tellLastLines(world);
    throw error;
  } finally {
    await world.close();
  }
}

/**
 * A world for the tests of a file or suite, each with repositories of its own. After one that fails, the last lines of the program's
 * log go to stderr. A test in which something was said that is not as GitHub describes it fails, too.
 */
export function useWorld(settings: Record<string, string> = {}, parts: Pick<WorldOptions, 'traefik' | 'envFile' | 'fillDataDir'> = {}): () => World {
  let world: World | undefined;
  before(async () => {
    world = await startTestWorld(settings, parts);
  });
  afterEach((context) => {
    if (world === undefined) return;
    const { passed } = context as typeof context & { passed: boolean };
    if (!passed) tellLastLines(world);
    const violations = world.github.takeViolations();
    if (violations.length > 0) throw new ContractBroken(violations);
  });
  after(() => world?.close());
  return () => {
    if (world === undefined) throw new Error('the world is there only while tests run');
    return world;
  };
}

function tellLastLines(world: World): void {
  process.stderr.write(`${world.program.lines().slice(-60).map((line) => JSON.stringify(line)).join('\n')}\n`);
}

/** Waits (30 s) until the preview answers 200 with `text` somewhere in the body. */
export function untilServes(world: World, hostLabel: string, text: string): Promise<Answer> {
  return untilAnswers(world, hostLabel, 200, text);
}

/** Waits (30 s) until the preview's host, the gate's pages included, answers with that status and text. */
export function untilAnswers(world: World, hostLabel: string, status: number, text: string): Promise<Answer> {
  let last: Answer | undefined;
  return eventually(
    `${world.url(hostLabel)} answers ${status} with ${JSON.stringify(text)}`,
    async () => {
      last = await world.get(hostLabel);
      if (last.status === status && last.text.includes(text)) return last;
      throw new Error(`it answers ${last.status}: ${last.text.slice(0, 300)}`);
    },
    { within: 30_000, every: 25 },
  );
}

/** Waits (30 s) until the one comment of the App on a pull request matches. Throws at once when there are two. */
export async function untilComment(world: World, repository: RepositoryRef, number: number, pattern: RegExp): Promise<CommentSnapshot> {
  const ours = () => world.github.comments(repository, number).filter((comment) => comment.byApp);
  const found = await eventually(
    `the comment on #${number} matches ${pattern}`,
    () => {
      const comments = ours();
      if (comments.length > 1) return comments;
      if (comments[0] !== undefined && pattern.test(comments[0].body)) return comments;
      throw new Error(`it is ${comments[0]?.body ?? 'not there'}`);
    },
    { within: 30_000, every: 25 },
  );
  if (found.length > 1) throw new Error(`the App wrote ${found.length} comments on #${number}`);
  return found[0]!;
}

/** The hosts that are held, by the files in Traefik's directory; none in a world without it. */
export async function holds(world: World): Promise<string[]> {
  const directory = world.program.env['TRAEFIK_DYNAMIC_DIR'];
  if (directory === undefined) return [];
  const names = (await readdir(directory)).filter((name) => name.startsWith('kosuke-hold-'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8').catch(() => '')));
  return texts.flatMap((text) => /Host\(`([^`]+)`\)/.exec(text)?.[1] ?? []);
}

/** Everything that the program has on the engine and at the edge, sorted; with a host's first label only what belongs to its project. */
export async function remainsOf(world: World, hostLabel?: string): Promise<string[]> {
  const all = [...Object.values(await world.remains()).flat(), ...(await holds(world))].toSorted();
  if (hostLabel === undefined) return all;
  const id = hostLabel.split('-')[1];
  return all.filter((name) => new RegExp(`^(kosuke-preview-)?project-${id}-|^kosuke-preview/${id}:`).test(name));
}

/** Waits (30 s) until the program has nothing (of that project) on the engine and holds no host. */
export async function untilNothingLeft(world: World, hostLabel?: string): Promise<void> {
  await eventually(
    'nothing is on the engine or at the edge',
    async () => {
      const remains = await remainsOf(world, hostLabel);
      if (remains.length === 0) return true;
      throw new Error(`there is still ${remains.join(', ')}`);
    },
    { within: 30_000 },
  );
}
