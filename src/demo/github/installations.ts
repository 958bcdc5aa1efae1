import { actorFor } from './accounts.ts';
import { covers, installationOn, repositoriesOf } from './coverage.ts';
import { emitInstallation, emitSelection } from './hooks/emit.ts';
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

/** Adds a repository to an installation with selected ones. @throws Refused when that has all repositories, or none is there. */
export function select(world: World, repo: Repo): void {
  const installation = required(world, repo.owner);
  if (installation.selected === null) throw new Refused(`the App has all repositories of ${repo.owner.login}`);
  installation.selected.add(repo.id);
  installation.updatedAt = world.now();
  emitSelection(world, installation, [repo], [], actorFor(world, repo.owner, undefined));
}

/** Takes a repository away; an installation with all repositories becomes one with the others selected. */
export function deselect(world: World, repo: Repo): void {
  const installation = required(world, repo.owner);
  if (!covers(installation, repo)) throw new Refused(`the App is not installed on ${repo.owner.login}/${repo.name}`);
  installation.selected ??= new Set(repositoriesOf(world, installation).map(({ id }) => id));
  installation.selected.delete(repo.id);
  installation.updatedAt = world.now();
  emitSelection(world, installation, [], [repo], actorFor(world, repo.owner, undefined));
}

function required(world: World, account: Account): Installation {
  const installation = installationOn(world, account);
  if (!installation) throw new Refused(`the App is not installed on ${account.login}`);
  return installation;
}
