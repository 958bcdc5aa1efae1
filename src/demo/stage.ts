import { setTimeout as delay } from 'node:timers/promises';
import { networkName } from '../domain/host.ts';
import type { CommentSnapshot, PullRequestSnapshot, RepositorySnapshot } from './github/index.ts';
import { autumnChange, sampleRepository } from './sample.ts';
import type { World } from './world.ts';

/** The sample repository with its pull request, and where its preview is to be. */
export type Stage = { repository: RepositorySnapshot; pull: PullRequestSnapshot; hostLabel: string; url: string };

/** The repository with a branch, known to the program before anything is asked of it, so that opening the pull request is what begins. */
export async function setStage(world: World): Promise<{ repository: RepositorySnapshot; branch: string; hostLabel: string }> {
  const { github } = world;
  const { branch, hostLabel } = await freeBranch(world);
  github.createAccount({ login: 'acme', type: 'Organization' });
  const repository = await github.createRepository({ owner: 'acme', name: 'fennel', files: await sampleRepository(), installed: false });
  for (const login of ['ada', 'you']) github.setPermission({ repository, login, permission: 'write' });
  await github.commit({ repository, branch, files: await autumnChange(), message: 'Autumn menu', author: 'ada' });
  const sighted = untilLine(world, 'first sight of a repository');
  github.install({ account: 'acme' });
  await sighted;
  return { repository, branch, hostLabel };
}

export async function openPull(world: World, { repository, branch, hostLabel }: Awaited<ReturnType<typeof setStage>>): Promise<Stage> {
  const pull = await world.github.openPullRequest({
    repository,
    head: branch,
    title: 'Autumn menu',
    body: 'The lime tree has lost its leaves: a warmer palette, a new headline, and a seat by the stove.',
    author: 'ada',
  });
  return { repository, pull, hostLabel, url: world.url(hostLabel) };
}

/** The App's comment. */
export function commentOn(world: World, { repository, pull }: Pick<Stage, 'repository' | 'pull'>): CommentSnapshot | undefined {
  return world.github.comments(repository, pull.number).find(({ byApp }) => byApp);
}

/** Networks are named by hosts: a name that another demo on this engine has, or one that was killed left behind, is not to be had. */
async function freeBranch({ docker }: World): Promise<{ branch: string; hostLabel: string }> {
  const taken = new Set((await docker.listNetworks()).map(({ Name }) => Name));
  for (let number = 1; ; number += 1) {
    const branch = number === 1 ? 'autumn-menu' : `autumn-menu-${number}`;
    const hostLabel = `project-1-${branch}`;
    if (!taken.has(networkName(hostLabel))) return { branch, hostLabel };
  }
}

/** Resolves when the program logs it, or after 5 s: what comes next does not depend on it, it only takes a little longer then. */
async function untilLine({ program }: World, msg: string): Promise<void> {
  const seen = new AbortController();
  const off = program.onLine((line) => {
    if (line.msg === msg) seen.abort();
  });
  await delay(5_000, undefined, { signal: seen.signal }).catch(() => undefined);
  off();
}
