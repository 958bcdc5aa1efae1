import { randomBytes } from 'node:crypto';
import type { AccountType, Permission } from './types.ts';
import { type Account, Refused, type Repo, type World } from './world.ts';

/** @throws Refused when the login is taken or not one. */
export function createAccount(world: World, login: string, type: AccountType): Account {
  if (!/^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i.test(login)) throw new Refused(`"${login}" is not a login`);
  if (world.accounts.has(login.toLowerCase())) throw new Refused(`the login "${login}" is taken`);
  const account = newAccount(world, login, type);
  world.accounts.set(login.toLowerCase(), account);
  if (type === 'Organization' && !findAccount(world, adminLogin(login))) createAccount(world, adminLogin(login), 'User');
  return account;
}

/** An account that is in no list: the App's bot. */
export function newAccount(world: Pick<World, 'nextId' | 'now'>, login: string, type: Account['type']): Account {
  return { id: world.nextId('account'), login, type, password: `ghp_${randomBytes(18).toString('hex')}`, createdAt: world.now() };
}

export function findAccount(world: World, login: string): Account | undefined {
  return world.accounts.get(login.toLowerCase());
}

/** The account of that login; a new User when there is none. */
export function accountOf(world: World, login: string): Account {
  return findAccount(world, login) ?? createAccount(world, login, 'User');
}

/** The person named, or the one who acts for the repository's owner. */
export function actorFor(world: World, owner: Account, login: string | undefined): Account {
  if (login !== undefined) return accountOf(world, login);
  return owner.type === 'Organization' ? accountOf(world, adminLogin(owner.login)) : owner;
}

/** What a person may do in a repository; a public one is readable by anybody. */
export function permissionOf(repo: Repo, account: Account): Permission {
  if (account.id === repo.owner.id) return 'admin';
  if (repo.owner.type === 'Organization' && account.login === adminLogin(repo.owner.login)) return 'admin';
  return repo.collaborators.get(account.login.toLowerCase()) ?? (repo.private ? 'none' : 'read');
}

export function mayWrite(repo: Repo, account: Account): boolean {
  return ['admin', 'write'].includes(permissionOf(repo, account));
}

function adminLogin(organization: string): string {
  return `${organization.slice(0, 33)}-admin`;
}
