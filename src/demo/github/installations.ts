import { emitInstallation } from './hooks/emit.ts';
import { actorFor } from './accounts.ts';
import { type Account, type Installation, Refused, type Repo, type World } from './world.ts';

/** Installs the App on an account; `selected` null means all its repositories, present and future. */
export function install(world: World, account: Account, selected: Set<number> | null): Installation {
  if (installationOn(world, account)) throw new Refused(`the App is installed on ${account.login} already`);
  const now = world.now();
  const id = world.nextId('installation');
  const installation: Installation = { id, account, selected, suspendedAt: null, createdAt: now, updatedAt: now };
  world.installations.set(id, installation);
  emitInstallation(world, 'created', installation, actorFor(world, account, undefined));
  return installation;
}

/** @throws Refused when the App is not installed there. */
export function suspend(world: World, account: Account): void {
  const installation = required(world, account);
  installation.suspendedAt = installation.updatedAt = world.now();
  emitInstallation(world, 'suspend', installation, actorFor(world, account, undefined));
}

export function unsuspend(world: World, account: Account): void {
  const installation = required(world, account);
  installation.suspendedAt = null;
  installation.updatedAt = world.now();
  emitInstallation(world, 'unsuspend', installation, actorFor(world, account, undefined));
}

/** Its tokens stop working at once. */
export function uninstall(world: World, account: Account): void {
  const installation = required(world, account);
  emitInstallation(world, 'deleted', installation, actorFor(world, account, undefined));
  world.installations.delete(installation.id);
  for (const [value, token] of world.tokens) if (token.installation === installation) world.tokens.delete(value);
}

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

function required(world: World, account: Account): Installation {
  const installation = installationOn(world, account);
  if (!installation) throw new Refused(`the App is not installed on ${account.login}`);
  return installation;
}
