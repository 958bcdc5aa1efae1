import type { Account, Installation, Repo, World } from './world.ts';

export function installationOn(world: World, account: Account): Installation | undefined {
  return [...world.installations.values()].find((installation) => installation.account === account);
}

export function installationFor(world: World, repo: Repo): Installation | undefined {
  const installation = installationOn(world, repo.owner);
  return installation && covers(installation, repo) ? installation : undefined;
}

export function covers(installation: Installation, repo: Repo): boolean {
  return !repo.deleted && installation.account === repo.owner && (installation.selected?.has(repo.id) ?? true);
}

/** In the order of their ids. */
export function repositoriesOf(world: World, installation: Installation): Repo[] {
  return [...world.repos.values()].filter((repo) => covers(installation, repo));
}
