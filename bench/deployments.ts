import { randomUUID } from 'node:crypto';
import type { RepositorySnapshot } from '../src/demo/github/index.ts';
import type { World } from '../src/demo/world.ts';
import { siteThatSays } from './app.ts';
import { followed, type ProgramRun } from './program-side.ts';
import { nextLine, untilRunning } from './wait.ts';
import type { ScriptRun, ScriptSide } from './script-side.ts';

export const scenarios = ['first deployment', 'push, warm cache', 'push, same tree'] as const;
export type Scenario = (typeof scenarios)[number];

/** What one round measured of a scenario, one after the other on the same engine. */
export type Pair = { program: ProgramRun; script: ScriptRun };

/** All rounds after one that is not counted, as of a program that has run for a while; who begins takes turns. */
export async function deployments(world: World, script: ScriptSide, rounds: number): Promise<Record<Scenario, Pair[]>> {
  const measured: Record<Scenario, Pair[]> = { 'first deployment': [], 'push, warm cache': [], 'push, same tree': [] };
  for (let number = -1; number < rounds; number += 1) {
    const pairs = await round(world, script, number % 2 === 1);
    if (number < 0) continue;
    for (const scenario of scenarios) measured[scenario].push(pairs[scenario]);
  }
  return measured;
}

/**
 * One round: a new repository with a pull request for the program, another one for the script, each with texts of its own so that neither
 * profits from what the other one built. `scriptFirst`: who begins each scenario.
 */
async function round(world: World, script: ScriptSide, scriptFirst: boolean): Promise<Record<Scenario, Pair>> {
  const program = await newRepository(world);
  await sighted(world, program);
  const plain = await newRepository(world);
  const url = world.github.personUrl(plain, 'reader');
  const plainly = async (change: (text: string) => Promise<string>) => {
    const text = await change(randomUUID());
    return script.deploy({ cloneUrl: url, branch, text });
  };
  const pairs: Pair[] = [];
  const measure = async (byProgram: () => Promise<ProgramRun>, byScript: () => Promise<ScriptRun>) => {
    const first = scriptFirst ? await byScript() : null;
    const ofProgram = await byProgram();
    pairs.push({ program: ofProgram, script: first ?? (await byScript()) });
    await untilRunning(world, 1);
  };

  await measure(
    () => opened(world, program),
    () => plainly((text) => pushed(world, plain, text)),
  );
  await measure(
    () => followedPush(world, program, randomUUID()),
    () => plainly((text) => pushed(world, plain, text)),
  );
  await measure(
    () => followedPush(world, program, null),
    () => plainly(() => pushedSame(world, plain)),
  );
  await script.cleanUp();
  await world.github.closePullRequest({ repository: program, number: 1 });
  await untilRunning(world, 0);
  return Object.fromEntries(scenarios.map((scenario, at) => [scenario, pairs[at]!])) as Record<Scenario, Pair>;
}

const branch = 'change';

/** One of an account of its own, with a branch; the App is not installed there. */
async function newRepository(world: World): Promise<RepositorySnapshot> {
  const owner = `bench-${randomUUID().slice(0, 8)}`;
  const repository = await world.github.createRepository({ owner, name: 'site', files: await siteThatSays('main'), installed: false });
  world.github.setPermission({ repository, login: 'reader', permission: 'read' });
  await pushed(world, repository, randomUUID());
  return repository;
}

/** Installs the App and waits until the program has seen the repository. */
async function sighted(world: World, { owner, fullName }: RepositorySnapshot): Promise<void> {
  const seen = nextLine(world, (line) => line.msg === 'first sight of a repository' && line['repository'] === fullName);
  world.github.install({ account: owner });
  await seen;
}

/** The branch is there and known; what is measured begins with the webhook of its pull request. */
async function opened(world: World, repository: RepositorySnapshot): Promise<ProgramRun> {
  const { head } = await world.github.openPullRequest({ repository, head: branch });
  return followed(world, head.sha, (one) => one.event === 'pull_request' && one.action === 'opened' && one.repositoryId === repository.id);
}

/** `headline`: of the changed page; `null`: a commit that changes nothing. */
async function followedPush(world: World, repository: RepositorySnapshot, headline: string | null): Promise<ProgramRun> {
  const files = headline === null ? {} : await siteThatSays(headline);
  const commit = await world.github.commit({ repository, branch, files });
  return followed(world, commit, (one) => one.event === 'push' && one.payload['after'] === commit);
}

/** The text by which the script knows the new version. */
async function pushed(world: World, repository: RepositorySnapshot, headline: string): Promise<string> {
  await world.github.commit({ repository, branch, files: await siteThatSays(headline) });
  return headline;
}

async function pushedSame(world: World, repository: RepositorySnapshot): Promise<string> {
  await world.github.commit({ repository, branch });
  return '<h1>';
}
