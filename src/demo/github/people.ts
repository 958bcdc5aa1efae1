import { accountOf, createAccount, findAccount } from './accounts.ts';
import { repoOf } from './find.ts';
import { deselect, install, select, suspend, uninstall, unsuspend } from './installations.ts';
import { fullName } from './shapes/repository.ts';
import { accountSnapshot } from './snapshots.ts';
import type { LocalGitHub } from './types.ts';
import { type Account, Refused, type World } from './world.ts';

type People = Pick<
  LocalGitHub,
  | 'createAccount'
  | 'install'
  | 'suspendInstallation'
  | 'unsuspendInstallation'
  | 'deleteInstallation'
  | 'addRepositoryToInstallation'
  | 'removeRepositoryFromInstallation'
  | 'setPermission'
  | 'personUrl'
>;

/** Accounts, what they may do, and where they install the App. */
export function people(world: World): People {
  return {
    createAccount: ({ login, type = 'User' }) => accountSnapshot(createAccount(world, login, type)),
    install: ({ account, repositories }) => {
      const selected = repositories ? new Set(repositories.map((ref) => repoOf(world, ref).id)) : null;
      return install(world, accountOf(world, account), selected).id;
    },
    suspendInstallation: (login) => suspend(world, existing(world, login)),
    unsuspendInstallation: (login) => unsuspend(world, existing(world, login)),
    deleteInstallation: (login) => uninstall(world, existing(world, login)),
    addRepositoryToInstallation: (ref) => select(world, repoOf(world, ref)),
    removeRepositoryFromInstallation: (ref) => deselect(world, repoOf(world, ref)),
    setPermission: ({ repository, login, permission }) => {
      repoOf(world, repository).collaborators.set(accountOf(world, login).login.toLowerCase(), permission);
    },
    personUrl: (ref, login) => {
      const account = accountOf(world, login);
      const url = new URL(`/${fullName(repoOf(world, ref))}.git`, world.origin);
      url.username = account.login;
      url.password = account.password;
      return url.href;
    },
  };
}

function existing(world: World, login: string): Account {
  const account = findAccount(world, login);
  if (!account) throw new Refused(`there is no account ${login}`);
  return account;
}
